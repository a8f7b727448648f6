import { describe, expect, it } from 'vitest';
import { borgExcludes } from '../../../src/collect/backups/repositories/borg-excludes.ts';
import { leftOutBelow } from '../../../src/collect/file-sets/left-out-patterns.ts';

describe('what a copy was told to leave out', () => {
  it.each([
    ['/srv/acme/cache', true],
    ['/srv/acme', true],
    ['/srv', true],
    ['/srv/a*', true],
    ['/srv/*/cache', true],
    ['pp:/srv/acme/tmp', true],
    ['sh:/srv/**/tmp', true],
    ['re:^srv/beta', true],
    ['*.tmp', true],
    ['node_modules', true],
    ['!/srv/acme/kept', true],
    ['--exclude-caches', true],
    ['/srv/beta/cache', false],
    ['/srv/acme-old', false],
    ['/srv/ac', false],
    ['/srv/', true],
    ['/var/log', false],
    ['pp:/srv/beta', false],
    ['!/srv/beta/kept', false],
  ])('is of the store by its pattern: %s: %s', (pattern, isTold) => {
    expect(leftOutBelow([pattern], 'srv/acme')).toEqual(isTold ? { patterns: [pattern], count: 1 } : null);
  });

  it('is told by some patterns and their number, each cut', () => {
    const many = Array.from({ length: 9 }, (_, index) => `${index}${'x'.repeat(200)}`);
    const told = leftOutBelow(many, 'srv/acme');
    expect(told).toMatchObject({ count: 9 });
    expect(told?.patterns.map(({ length }) => length)).toEqual([80, 80, 80]);
    expect(leftOutBelow(undefined, 'srv/acme')).toBeNull();
    expect(leftOutBelow(['/anything'], '')).toMatchObject({ count: 1 });
  });

  it('is read of Borg from its command line, and nothing else of that', () => {
    const line = [
      ...['borg', 'create', '--remote-path', '/opt/secret', '-e', 'srv/acme/tmp', '--exclude=*.log', '-epp:srv/x'],
      ...['--exclude', 're:\\.bak$', '--pattern', '- sh:srv/**/tmp', '--pattern', '+ srv/kept', '--exclude-caches'],
      ...['--exclude-from', '/etc/borg/leave-out', 'user@nas:repo::one', '--', '/srv', '--exclude'],
    ];
    expect(borgExcludes(line)).toEqual([
      '/srv/acme/tmp',
      '*.log',
      'pp:/srv/x',
      're:\\.bak$',
      'sh:/srv/**/tmp',
      '--exclude-caches',
      '--exclude-from /etc/borg/leave-out',
    ]);
    expect(borgExcludes(['borg', 'create', 'repo::one', '/srv'])).toEqual([]);
    expect(borgExcludes(['borg', '--exclude'])).toEqual([]);
  });
});
