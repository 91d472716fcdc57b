/** What a container may do, as the kernel has it: capabilities, seccomp, devices, groups, init. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { finish, startLoadedDaemon, success } from '../support/loadedDaemon.ts';

const daemon = await startLoadedDaemon();
after(() => finish(daemon));

const run = async (...args: readonly string[]) =>
  success(await daemon.docker('run', '--rm', ...args));
const sh = (script: string) => ['busybox', 'sh', '-c', script];
const STATUS = sh('cat /proc/self/status');
const field = (status: string, name: string) =>
  new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '';
const fails = async (body: object, path = '') => {
  const made = await daemon.request('POST', '/containers/create', { Image: 'busybox', ...body });
  if (made.status !== 201) return made;
  const { Id } = JSON.parse(made.body);
  return daemon.request('POST', `/containers/${Id}/start${path}`);
};

test('without a wish: the usual capabilities, and a filter of system calls', async () => {
  const status = await run(...STATUS);
  assert.equal(field(status, 'CapBnd'), '00000000a80425fb');
  assert.equal(field(status, 'CapInh'), '0000000000000000');
  assert.equal(field(status, 'Seccomp'), '2');
  assert.equal(field(status, 'NoNewPrivs'), '0');
});

test('capabilities added and dropped', async () => {
  const added = await run('--cap-add', 'sys_time', '--cap-drop', 'CAP_MKNOD', ...STATUS);
  assert.equal(field(added, 'CapEff'), '00000000a20425fb');
  const only = await run('--cap-drop', 'ALL', '--cap-add', 'chown', ...STATUS);
  assert.equal(field(only, 'CapEff'), '0000000000000001');
});

test('the filter answers to capabilities', async () => {
  const clock = 'date -s 2020-01-01 2>&1 >/dev/null; hostname other 2>&1; true';
  assert.match(await run(...sh(clock)), /date.*Operation not permitted\nhostname.*not permitted/);
  const named = await run('--cap-add', 'SYS_ADMIN', ...sh('hostname other && hostname'));
  assert.equal(named, 'other');
});

test('no filter, a filter of the caller', async () => {
  const off = await run('--security-opt', 'seccomp=unconfined', ...STATUS);
  assert.equal(field(off, 'Seccomp'), '0');
  const profile = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
  };
  const HostConfig = { SecurityOpt: [`seccomp=${JSON.stringify(profile)}`] };
  const made = await daemon.request('POST', '/containers/create?name=filtered', {
    Image: 'busybox',
    Cmd: ['mkdir', '/x'],
    HostConfig,
  });
  assert.equal(made.status, 201, made.body);
  const { stderr } = await daemon.docker('start', '-a', 'filtered');
  assert.match(stderr, /can't create directory '\/x': Operation not permitted/);
  const bad = await fails({ Cmd: ['true'], HostConfig: { SecurityOpt: ['seccomp={bad'] } });
  assert.equal(bad.status, 500);
  assert.match(bad.body, /decoding seccomp profile failed/);
});

test('no new privileges; nothing masked', async () => {
  const status = await run('--security-opt', 'no-new-privileges', ...STATUS);
  assert.equal(field(status, 'NoNewPrivs'), '1');
  const mounts = await run('--security-opt', 'systempaths=unconfined', ...sh('cat /proc/mounts'));
  assert.doesNotMatch(mounts, /\/proc\/kcore|\/proc\/sys /);
});

test('privileged: all that the daemon has, all devices, trees writable', async () => {
  const status = await run('--privileged', ...STATUS);
  const own = JSON.parse((await daemon.request('GET', '/info')).body);
  assert.ok(own.SecurityOptions.includes('name=seccomp,profile=builtin'));
  assert.equal(field(status, 'Seccomp'), '0');
  assert.equal(field(status, 'CapEff'), field(await run('--cap-add', 'ALL', ...STATUS), 'CapEff'));
  const seen = await run('--privileged', ...sh('ls /dev; cat /proc/mounts'));
  assert.match(seen, /^kmsg$/m);
  assert.match(seen, /^sysfs \/sys sysfs rw/m);
  assert.doesNotMatch(seen, /\/proc\/kcore/);
});

test('devices: made, allowed, and refused with their reason', async () => {
  const at = ['--device', '/dev/null:/dev/mine:rw', '--device-cgroup-rule', 'c 10:200 rwm'];
  const seen = await run(...at, ...sh('ls -l /dev/mine; echo x > /dev/mine && echo wrote'));
  assert.match(seen, /^crw.* 1, +3 .*\/dev\/mine\nwrote$/);
  const device = (PathOnHost: string) => ({
    Cmd: ['true'],
    HostConfig: { Devices: [{ PathOnHost, PathInContainer: '/dev/x', CgroupPermissions: 'r' }] },
  });
  const prefix = 'error gathering device information while adding custom device';
  const absent = await fails(device('/dev/nope'));
  assert.equal(absent.status, 500);
  assert.ok(absent.body.includes(`${prefix} \\"/dev/nope\\": no such file or directory`));
  assert.ok((await fails(device('/etc/passwd'))).body.includes('not a device node'));
  const rule = await fails({ Cmd: ['true'], HostConfig: { DeviceCgroupRules: ['x'] } });
  assert.ok(rule.body.includes("invalid device cgroup rule format: 'x'"));
});

test('GPUs are refused at start, as there is no driver for them', async () => {
  const DeviceRequests = [{ Count: -1, Capabilities: [['gpu']] }];
  const { status, body } = await fails({ Cmd: ['true'], HostConfig: { DeviceRequests } });
  assert.equal(status, 500);
  assert.match(body, /could not select device driver \\"\\" with capabilities: \[\[gpu\]\]/);
});

test('more groups, by the image and by number', async () => {
  const shown = await run(
    '-u',
    'nobody',
    '--group-add',
    'staff',
    '--group-add',
    '77',
    'busybox',
    'id',
  );
  assert.match(shown, /groups=.*50\(staff\),77/);
  const unknown = await fails({ Cmd: ['true'], HostConfig: { GroupAdd: ['nope'] } });
  assert.match(unknown.body, /unable to find group nope: no matching entries in group file/);
});

test('what is wrong is refused at create', async () => {
  const create = (HostConfig: object) => fails({ Cmd: ['true'], HostConfig });
  const cases: readonly (readonly [object, number, RegExp])[] = [
    [{ CapAdd: ['BOGUS'] }, 400, /invalid CapAdd: unknown capability: \\"CAP_BOGUS\\"/],
    [{ SecurityOpt: ['foo=bar'] }, 500, /invalid --security-opt 2: \\"foo=bar\\"/],
    [{ SecurityOpt: ['foo'] }, 500, /invalid --security-opt 1: \\"foo\\"/],
    [{ Isolation: 'hyperv' }, 500, /linux only supports 'default'/],
    [{ StorageOpt: { size: '1G' } }, 500, /supported only for overlay over xfs/],
  ];
  for (const [host, status, text] of cases) {
    const answer = await create(host);
    assert.equal(answer.status, status, answer.body);
    assert.match(answer.body, text);
  }
});

test('an init process, or why there is none', async () => {
  const { status, body } = await fails({ Cmd: ['true'], HostConfig: { Init: true } });
  if (status === 204) return;
  assert.equal(status, 500);
  assert.match(body, /exec: \\"docker-init\\": executable file not found in \$PATH/);
});
