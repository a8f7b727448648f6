import type { ServerResponse } from 'node:http';

/** Whether a request asks AWS STS whose the credentials are. */
export function asksForCaller({ body }: { readonly body: string }): boolean {
  return new URLSearchParams(body).get('Action') === 'GetCallerIdentity';
}

/** What AWS STS answers then (AWS STS API Reference, "GetCallerIdentity"). */
export function sayCaller(response: ServerResponse, account: string): void {
  const caller = `<Arn>arn:aws:iam::${account}:user/audit</Arn><UserId>AIDATEST</UserId><Account>${account}</Account>`;
  const result = `<GetCallerIdentityResult>${caller}</GetCallerIdentityResult>`;
  response
    .writeHead(200, { 'Content-Type': 'text/xml' })
    .end(
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</GetCallerIdentityResponse>`,
    );
}

/** How AWS STS refuses credentials that it does not know. */
export function refuseCaller(response: ServerResponse): void {
  const error = '<Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>invalid</Message></Error>';
  response.writeHead(403, { 'Content-Type': 'text/xml' }).end(`<ErrorResponse>${error}</ErrorResponse>`);
}
