/** What a Prometheus server reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics, type MetricSources } from './metrics.ts';
import { createSubscribers } from './subscribers.ts';

function sources(changes: Partial<MetricSources> = {}): MetricSources {
  return {
    head: () => 40,
    agenda: () => [],
    admission: () => ({}),
    walBytes: () => 4096,
    containerStatuses: () => [],
    containerdConnected: () => true,
    ready: () => false,
    subscribers: createSubscribers(),
    ...changes,
  };
}

async function lines(from: MetricSources): Promise<readonly string[]> {
  const { text } = await createMetrics(from, { process: false }).render();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('a gauge is what its source says at the look', async () => {
  let ready = false;
  const metrics = createMetrics(sources({ ready: () => ready }), { process: false });
  assert.match((await metrics.render()).text, /^shiplog_ready 0$/m);
  ready = true;
  assert.match((await metrics.render()).text, /^shiplog_ready 1$/m);
});

test('containers are counted by state, and a state that is gone is not shown', async () => {
  let statuses = ['running', 'exited', 'running'];
  const metrics = createMetrics(sources({ containerStatuses: () => statuses }), { process: false });
  const first = (await metrics.render()).text;
  assert.match(first, /^shiplog_containers\{state="running"\} 2$/m);
  assert.match(first, /^shiplog_containers\{state="exited"\} 1$/m);
  statuses = ['running'];
  const second = (await metrics.render()).text;
  assert.match(second, /^shiplog_containers\{state="running"\} 1$/m);
  assert.doesNotMatch(second, /state="exited"/);
});

test('the agenda shows how many are open and the age of the oldest of a type', async () => {
  const agenda = () => [
    { type: 'task.start', ageSeconds: 2 },
    { type: 'task.start', ageSeconds: 7 },
    { type: 'timer', ageSeconds: 1 },
  ];
  const shown = await lines(sources({ agenda }));
  assert.ok(shown.includes('shiplog_agenda_open{type="task.start"} 2'), shown.join('\n'));
  assert.ok(shown.includes('shiplog_agenda_oldest_seconds{type="task.start"} 7'));
  assert.ok(shown.includes('shiplog_agenda_open{type="timer"} 1'));
});

test('the effects of a class are counted by what they wait for', async () => {
  const admission = () => ({ begin: { running: 2, lent: 1, queued: 498, oldestQueuedMs: 7 } });
  const shown = await lines(sources({ admission }));
  const of = (state: string) => `shiplog_admission_effects{class="begin",state="${state}"}`;
  assert.ok(shown.includes(`${of('running')} 2`), shown.join('\n'));
  assert.ok(shown.includes(`${of('lent')} 1`));
  assert.ok(shown.includes(`${of('queued')} 498`));
});

test("the slowest subscriber's lag is shown, until it leaves", async () => {
  const WHO = { stream: 'docker', caller: { kind: 'unix' } } as const;
  const subscribers = createSubscribers();
  const slow = subscribers.join(10, WHO);
  subscribers.join(40, WHO);
  const from = sources({ subscribers });
  assert.ok((await lines(from)).includes('shiplog_subscriber_lag_facts 30'));
  slow.at(39);
  assert.ok((await lines(from)).includes('shiplog_subscriber_lag_facts 1'));
  slow.leave();
  const left = await lines(from);
  assert.ok(left.includes('shiplog_subscriber_lag_facts 0'));
  assert.ok(left.includes('shiplog_subscribers 1'));
});

test('what the rooms tell is counted by command, effect and commit', async () => {
  const metrics = createMetrics(sources(), { process: false });
  metrics.meters.command('start', 'done', 0.3);
  metrics.meters.effect('task.start', 'unavailable', 0.02);
  metrics.meters.commit(5, 0.0007);
  metrics.meters.commit(2, 0.0007);
  const { text, contentType } = await metrics.render();
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  for (const line of [
    'shiplog_command_seconds_count{command="start",outcome="done"} 1',
    'shiplog_command_seconds_bucket{le="0.2",command="start",outcome="done"} 0',
    'shiplog_command_seconds_bucket{le="0.5",command="start",outcome="done"} 1',
    'shiplog_effect_seconds_sum{effect="task.start",outcome="unavailable"} 0.02',
    'shiplog_commit_seconds_count 2',
    'shiplog_facts_total 7',
  ])
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
});

test("Node's own numbers are among them when asked for", async () => {
  const { text } = await createMetrics(sources(), { process: true }).render();
  assert.match(text, /^nodejs_eventloop_lag_seconds /m);
  assert.match(text, /^process_resident_memory_bytes /m);
});
