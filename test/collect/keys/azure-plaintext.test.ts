import { expect, it } from 'vitest';
import { withoutPlaintext } from '../../../src/collect/keys/azure-plaintext.ts';

const PLAINTEXT = 'UExBTlRFRC1wbGFpbnRleHQ';
const KID = 'https://acme.vault.azure.net/keys/acme/00000000000000000000000000000001';

it.each([
  ['as the service writes it', `{"kid":"${KID}","value":"${PLAINTEXT}"}`],
  ['spread over lines', `{\r\n  "value" :\t"${PLAINTEXT}",\n  "kid" : "${KID}"\n}`],
  ['with more than is documented', `{"kid":"${KID}","value":"${PLAINTEXT}","result":"${PLAINTEXT}","aad":"AA"}`],
])('an answer %s keeps its key and that there was something', (_, text) => {
  const body = Buffer.from(text);
  expect(JSON.parse(withoutPlaintext(body))).toEqual({ kid: KID, value: 'AA' });
  expect(body.equals(Buffer.alloc(body.length))).toBe(true);
});

it.each([
  ['nothing was unwrapped', `{"kid":"${KID}","value":""}`, { kid: KID, value: '' }],
  ['there is no value', `{"kid":"${KID}"}`, { kid: KID, value: '' }],
  ['the value is no text', `{"kid":"${KID}","value":7}`, { kid: KID, value: '' }],
  ['it is cut off', `{"kid":"${KID}","value":"${PLAINTEXT}`, { kid: KID, value: '' }],
  ['it is none', `<html>${PLAINTEXT}`, { kid: null, value: '' }],
  ['it is empty', '', { kid: null, value: '' }],
])('where %s, nothing stands for it', (_, text, expected) => {
  const body = Buffer.from(text);
  const said = withoutPlaintext(body);
  expect(JSON.parse(said)).toEqual(expected);
  expect(said).not.toContain(PLAINTEXT);
  expect(body.every((byte) => byte === 0)).toBe(true);
});
