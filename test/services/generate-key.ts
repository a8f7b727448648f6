import { text } from 'node:stream/consumers';
import pkcs11js from 'pkcs11js';

/*
 * node test/services/generate-key.ts < question.json: tries to make a key that stays in the token, by the module itself and
 * nothing of ours before it, and writes what it answered: CKR_OK, or the name of its refusal.
 */

export interface GenerationAttempt {
  readonly module: string;
  /** Label of the token. */
  readonly token: string;
  readonly pin: string;
  /** Flags of the session: CKF_SERIAL_SESSION (4), CKF_RW_SESSION (2). */
  readonly flags: number;
  readonly label: string;
}

function attempt({ module, token, pin, flags, label }: GenerationAttempt): string {
  const library = new pkcs11js.PKCS11();
  library.load(module);
  library.C_Initialize();
  const slot = library.C_GetSlotList(true).find((one) => library.C_GetTokenInfo(one).label.trim() === token);
  if (slot === undefined) throw new Error(`there is no token ${token}`);
  const session = library.C_OpenSession(slot, flags);
  library.C_Login(session, pkcs11js.CKU_USER, pin);
  try {
    library.C_GenerateKey(session, { mechanism: pkcs11js.CKM_AES_KEY_GEN }, [
      { type: pkcs11js.CKA_TOKEN, value: true },
      { type: pkcs11js.CKA_LABEL, value: label },
      { type: pkcs11js.CKA_VALUE_LEN, value: 32 },
    ]);
    return 'CKR_OK';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    library.C_Finalize();
  }
}

process.stdout.write(attempt(JSON.parse(await text(process.stdin)) as GenerationAttempt));
