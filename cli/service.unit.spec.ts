/** The systemd unit says what the daemon needs of its manager, and nothing that would harm it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const unit = readFileSync(join(import.meta.dirname, 'shiplog.service'), 'utf8');
const lines = unit.split('\n').filter((line) => /^[A-Z]\w*=/.test(line));
const settings = new Map(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));

test('it is told when the daemon is ready, and ends the daemon alone', () => {
  assert.equal(settings.get('Type'), 'notify');
  assert.equal(settings.get('KillMode'), 'process');
  assert.equal(settings.get('Delegate'), 'yes');
  assert.equal(settings.get('TasksMax'), 'infinity');
  assert.equal(settings.get('OOMScoreAdjust'), '-500');
  assert.equal(settings.get('ExecReload'), '/bin/kill -s HUP $MAINPID');
});

test('it gives the daemon no mounts of its own', () => {
  const own = [...settings.keys()].filter((name) =>
    /^(Private|Protect|ReadOnly|ReadWrite|Inaccessible|Bind|Root|Temporary|MountFlags)/.test(name),
  );
  assert.deepEqual(own, []);
});

test('it waits longer for the end than the daemon takes', () => {
  assert.ok(Number(settings.get('TimeoutStopSec')) > 15);
});
