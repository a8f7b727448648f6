import { expect, test } from 'vitest';
import { isLoopbackHost, isLoopbackUrl } from '../../src/model/loopback.ts';

test.each(['localhost', 'LocalHost.', 'vault.localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1'])(
  '%s is the machine itself',
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

test.each([
  '',
  'localhost.example',
  '127.example.com',
  '10.127.0.1',
  '1270.0.0.1',
  '::2',
  '::ffff:10.0.0.1',
  '0.0.0.0',
])('%s is not known to be', (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});

test('a URL is by its host alone', () => {
  expect(['http://127.1:8200', 'https://[::1]/v1', 'https://[::ffff:127.0.0.1]:1'].map(isLoopbackUrl)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['https://vault:8200/localhost', 'localhost', 'file:///x'].map(isLoopbackUrl)).toEqual([false, false, false]);
});
