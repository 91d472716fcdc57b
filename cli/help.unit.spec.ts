/** What help says of every command. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from './commands.ts';
import { generalHelp, helpOf } from './help.ts';

for (const listed of COMMANDS) {
  test(`${listed.name}: usage, statuses for scripts, an example, lines that fit`, async () => {
    const command = await listed.load();
    const help = helpOf(command);
    assert.match(help, new RegExp(`^Usage: shiplog ${listed.name}\\b`));
    assert.match(help, new RegExp(`\n  shiplog ${listed.name}\\b`));
    // The daemon runs until it is ended.
    if (command.ownHelp !== true) assert.match(help, /\n\nExit status: 0 .*\b1\s/s);
    const wide = help.split('\n').filter((line) => line.length > 100);
    assert.deepEqual(wide, []);
  });
}

test('the list of commands names them all, and says what a status means', () => {
  const help = generalHelp(COMMANDS);
  for (const { name } of COMMANDS) assert.match(help, new RegExp(`^ {2}${name} +\\S`, 'm'));
  assert.match(help, /^Exit status: 0 all is well, 1 the command failed, 2 something differs/m);
});
