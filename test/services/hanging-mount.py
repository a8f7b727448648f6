"""Mounts a file system of which no question is ever answered, as a share does whose server is gone.

Arguments: the mount point. Says `mounted` and stays until its input ends; needs the rights of root and /dev/fuse.
"""
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
point = sys.argv[1].encode()
channel = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={channel},rootmode=40000,user_id=0,group_id=0".encode()
if libc.mount(b"hanging", point, b"fuse.hanging", 0, options) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
sys.stdin.read()
MNT_FORCE = 1
libc.umount2(point, MNT_FORCE)
