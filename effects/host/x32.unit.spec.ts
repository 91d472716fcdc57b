import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takesX32 } from './x32.ts';

const ROWS: readonly (readonly [
  config: string | undefined,
  commandLine: string,
  takes: boolean,
])[] = [
  [undefined, '', true],
  ['# CONFIG_X86_X32_ABI is not set\n', 'syscall.x32=y', false],
  ['CONFIG_X86_X32_ABI=y\n', '', true],
  ['CONFIG_X86_X32=y\nCONFIG_X86_64=y\n', '', true],
  ['CONFIG_X86_X32_ABI=y\nCONFIG_X86_X32_DISABLED=y\n', 'quiet', false],
  ['CONFIG_X86_X32_ABI=y\nCONFIG_X86_X32_DISABLED=y\n', 'quiet syscall.x32=y', true],
  ['CONFIG_X86_X32_ABI=y\n# CONFIG_X86_X32_DISABLED is not set\n', '', true],
];

for (const [config, commandLine, takes] of ROWS)
  test(`${JSON.stringify(config)} and “${commandLine}”: ${takes}`, () => {
    assert.equal(takesX32(config, commandLine), takes);
  });
