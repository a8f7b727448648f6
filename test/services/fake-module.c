/*
 * A PKCS#11 module for tests: one token with the PIN of FAKE_PIN, and a key under every label but "missing". It hangs
 * where FAKE_HANG, crashes where FAKE_CRASH, and starts a helper that never ends where FAKE_FORK names the function that is
 * called, or the label that is looked for. Samples open, unless FAKE_PROOF is the code to refuse them with.
 * Every call is a line of the file FAKE_LOG: what a vendor's own log would show.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CK_PTR *
#define CK_DECLARE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION_POINTER(returnType, name) returnType(*name)
#define CK_CALLBACK_FUNCTION(returnType, name) returnType(*name)
#define CK_DEFINE_FUNCTION(returnType, name) returnType name
#ifndef NULL_PTR
#define NULL_PTR 0
#endif
#include "pkcs11.h"

static char wanted[64];
static int found;

static int named(const char *variable, const char *what) {
  const char *value = getenv(variable);
  return value != NULL && strcmp(value, what) == 0;
}

static void note(const char *what, unsigned long detail) {
  const char *log = getenv("FAKE_LOG");
  if (log != NULL) {
    FILE *file = fopen(log, "a");
    if (file != NULL) {
      fprintf(file, "%s %lu\n", what, detail);
      fclose(file);
    }
  }
  if (named("FAKE_FORK", what) && fork() == 0) for (;;) pause();
  if (named("FAKE_HANG", what)) for (;;) pause();
  if (named("FAKE_CRASH", what)) {
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
  }
}

static void blanks(unsigned char *field, size_t size, const char *text) {
  memset(field, ' ', size);
  memcpy(field, text, strlen(text));
}

static CK_RV initialize(CK_VOID_PTR arguments) { (void)arguments; note("C_Initialize", 0); return CKR_OK; }
static CK_RV finalize(CK_VOID_PTR reserved) { (void)reserved; note("C_Finalize", 0); return CKR_OK; }

static CK_RV info(CK_INFO_PTR to) {
  note("C_GetInfo", 0);
  memset(to, 0, sizeof *to);
  blanks(to->manufacturerID, sizeof to->manufacturerID, "Recoverage tests");
  blanks(to->libraryDescription, sizeof to->libraryDescription, "fake module");
  to->libraryVersion.major = 1;
  return CKR_OK;
}

static CK_RV slots(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
  (void)present;
  if (list == NULL) note("C_GetSlotList", 0);
  else list[0] = 7;
  *count = 1;
  return CKR_OK;
}

static CK_RV token(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR to) {
  const char *flags = getenv("FAKE_FLAGS");
  (void)slot;
  note("C_GetTokenInfo", 0);
  memset(to, 0, sizeof *to);
  blanks(to->label, sizeof to->label, "fake");
  blanks(to->manufacturerID, sizeof to->manufacturerID, "Recoverage tests");
  blanks(to->model, sizeof to->model, "model");
  blanks(to->serialNumber, sizeof to->serialNumber, getenv("FAKE_SERIAL") ? getenv("FAKE_SERIAL") : "f00d");
  to->flags = CKF_LOGIN_REQUIRED | CKF_TOKEN_INITIALIZED | (flags ? strtoul(flags, NULL, 0) : 0);
  to->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
  to->ulTotalPrivateMemory = 4096;
  to->ulMaxSessionCount = 16;
  to->firmwareVersion.major = 7;
  to->firmwareVersion.minor = 4;
  return CKR_OK;
}

static CK_SESSION_HANDLE sessions;

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR session) {
  (void)slot; (void)application; (void)notify;
  note("C_OpenSession", flags);
  *session = ++sessions;
  return CKR_OK;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  const char *right = getenv("FAKE_PIN");
  (void)session;
  note("C_Login", user);
  if (right == NULL || strlen(right) != length || memcmp(right, pin, length) != 0) return CKR_PIN_INCORRECT;
  return CKR_OK;
}

static CK_RV logout(CK_SESSION_HANDLE session) { (void)session; note("C_Logout", 0); return CKR_OK; }
static CK_RV close_session(CK_SESSION_HANDLE session) { (void)session; note("C_CloseSession", 0); return CKR_OK; }

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count) {
  size_t length = template[0].ulValueLen < sizeof wanted - 1 ? template[0].ulValueLen : sizeof wanted - 1;
  (void)session;
  note("C_FindObjectsInit", count);
  memcpy(wanted, template[0].pValue, length);
  wanted[length] = 0;
  found = strcmp(wanted, "missing") == 0;
  note(wanted, 0);
  return CKR_OK;
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR objects, CK_ULONG most, CK_ULONG_PTR count) {
  (void)session;
  note("C_FindObjects", most);
  *count = found ? 0 : 1;
  objects[0] = 42;
  found = 1;
  return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE session) { (void)session; note("C_FindObjectsFinal", 0); return CKR_OK; }

static CK_RV answer(CK_ATTRIBUTE_PTR attribute, const void *value, CK_ULONG length) {
  if (attribute->pValue != NULL) memcpy(attribute->pValue, value, length);
  attribute->ulValueLen = length;
  return CKR_OK;
}

static CK_RV attributes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR template, CK_ULONG count) {
  CK_ULONG secret = CKO_SECRET_KEY, aes = CKK_AES, bytes = 32;
  CK_BBOOL yes = CK_TRUE;
  (void)session; (void)object; (void)count;
  if (template[0].pValue != NULL) note("C_GetAttributeValue", template[0].type);
  switch (template[0].type) {
    case CKA_CLASS: return answer(template, &secret, sizeof secret);
    case CKA_KEY_TYPE: return answer(template, &aes, sizeof aes);
    case CKA_VALUE_LEN: return answer(template, &bytes, sizeof bytes);
    case CKA_LABEL: return answer(template, wanted, strlen(wanted));
    case CKA_ID: return answer(template, "\x01", 1);
    case CKA_DECRYPT: case CKA_UNWRAP: case CKA_SENSITIVE: return answer(template, &yes, sizeof yes);
    default:
      template[0].ulValueLen = CK_UNAVAILABLE_INFORMATION;
      return CKR_ATTRIBUTE_TYPE_INVALID;
  }
}

/* It offers every mechanism for unwrapping, or as FAKE_MECHANISM says for decrypting alone. */
static CK_RV mechanism(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR to) {
  (void)slot;
  note("C_GetMechanismInfo", type);
  to->flags = named("FAKE_MECHANISM", "decrypt") ? CKF_DECRYPT : CKF_UNWRAP;
  return named("FAKE_MECHANISM", "none") ? CKR_MECHANISM_INVALID : CKR_OK;
}

static CK_RV answer_of_proof(void) {
  const char *code = getenv("FAKE_PROOF");
  return code == NULL ? CKR_OK : strtoul(code, NULL, 0);
}

static CK_RV unwrap(CK_SESSION_HANDLE session, CK_MECHANISM_PTR by, CK_OBJECT_HANDLE key, CK_BYTE_PTR wrapped,
                    CK_ULONG length, CK_ATTRIBUTE_PTR template, CK_ULONG count, CK_OBJECT_HANDLE_PTR made) {
  (void)session; (void)by; (void)key; (void)wrapped; (void)template; (void)count;
  note("C_UnwrapKey", length);
  *made = 77;
  return answer_of_proof();
}

static CK_RV destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  (void)session;
  note("C_DestroyObject", object);
  return getenv("FAKE_KEEPS") ? CKR_ACTION_PROHIBITED : CKR_OK;
}

static CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR by, CK_OBJECT_HANDLE key) {
  (void)session; (void)by; (void)key;
  note("C_DecryptInit", 0);
  return CKR_OK;
}

static CK_RV decrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR wrapped, CK_ULONG length, CK_BYTE_PTR to,
                     CK_ULONG_PTR written) {
  (void)session; (void)wrapped;
  note("C_Decrypt", length);
  memset(to, 'K', 16);
  *written = 16;
  return answer_of_proof();
}

static CK_FUNCTION_LIST functions;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  functions.version.major = 2;
  functions.version.minor = 40;
  functions.C_Initialize = initialize;
  functions.C_Finalize = finalize;
  functions.C_GetInfo = info;
  functions.C_GetFunctionList = C_GetFunctionList;
  functions.C_GetSlotList = slots;
  functions.C_GetTokenInfo = token;
  functions.C_OpenSession = open_session;
  functions.C_CloseSession = close_session;
  functions.C_Login = login;
  functions.C_Logout = logout;
  functions.C_FindObjectsInit = find_init;
  functions.C_FindObjects = find;
  functions.C_FindObjectsFinal = find_final;
  functions.C_GetAttributeValue = attributes;
  functions.C_GetMechanismInfo = mechanism;
  functions.C_UnwrapKey = unwrap;
  functions.C_DestroyObject = destroy;
  functions.C_DecryptInit = decrypt_init;
  functions.C_Decrypt = decrypt;
  *list = &functions;
  return CKR_OK;
}
