const USER_INFO = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#@]*(?:@[^\s/?#@]*)*@/gi;
const SENSITIVE_PARAMETER =
  /([?&;\s]|^)([\w.-]*(?:signature|credential|token|passw(?:or)?d|pwd|secret|passphrase|accesskey(?:id)?|access_key(?:_id)?|api_?key|sig))\s*[=:]\s*(?:'[^']*'|"[^"]*"|[^\s&;#]*)/gi;

/**
 * A URI or a message without what could be a secret in it: user information of URIs (RFC 3986, section 3.2.1), and the
 * values of parameters such as `X-Amz-Signature` or `password`.
 */
export function withoutCredentials(text: string): string {
  return text.replace(USER_INFO, '$1').replace(SENSITIVE_PARAMETER, '$1$2=[secret]');
}
