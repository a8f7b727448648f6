import { padded, tarHeader } from './raft-snapshot.ts';

/** Two empty blocks end a tar archive. */
const TAR_END = Buffer.alloc(1024);

/** A package that holds no file and says of itself what it stands for, deb(5). */
export function minimalPackage(name: string, version: string, architecture: string): Buffer {
  const control = Buffer.from(
    `Package: ${name}
Version: ${version}
Architecture: ${architecture}
Maintainer: recoverage demo <nobody@example.com>
Description: Stand-in made by recoverage demo; it installs nothing
`,
  );
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    member('debian-binary', Buffer.from('2.0\n')),
    member('control.tar', Buffer.concat([tarHeader('./control', control.length, 0), padded(control), TAR_END])),
    member('data.tar', TAR_END),
  ]);
}

/** What Debian calls the architecture of the machine that this runs on. */
export function debianArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** A member of an ar archive; each is of an even number of bytes here. */
function member(name: string, content: Buffer): Buffer {
  const header = [name.padEnd(16), '0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '100644'.padEnd(8)].join('');
  return Buffer.concat([Buffer.from(`${header}${String(content.length).padEnd(10)}\`\n`), content]);
}
