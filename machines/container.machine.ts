/**
 * What can happen to a container. Every transition is a fact of `container/<id>`; what it asks of
 * the world is in its `actions`, as data. Which command leads to which fact is in
 * container.decide.ts. A diagram of this file: docs/machines/container.md.
 *
 * creating ── created ── starting ── running ⇄ paused │                      │ stopping └────
 * removing ──── exited            removed
 */
import {
  attaching,
  connecting,
  renaming,
  runAnswers,
  signalAnswers,
  thawAnswers,
  updateAnswers,
} from './container.answers.ts';
import { UNBORN } from './container.context.ts';
import * as ask from './container.effects.ts';
import { containerSetup } from './container.setup.ts';

const signalActions = ['policyKept', 'signalSent', ask.requestedSignal] as const;
const stopActions = ['signalSent', ask.noStop, ask.noKill, ask.requestedSignal] as const;
const exitActions = [
  'exitKept',
  ask.noPause,
  ask.noUnpause,
  ask.noRecord,
  ask.noStop,
  ask.noKill,
  ask.noAttach,
  ask.noDetach,
  ask.clean,
] as const;

/** Where an exit leads: to a restart if the policy has said so in the fact. */
const exits = [
  { guard: 'goesOn', target: '#restarting.cleaning', actions: exitActions },
  { target: '#exited.cleaning', actions: exitActions },
] as const;

/** @param thaw what a frozen process needs beside the signal */
const stops = <A extends 'stopAsked' | 'restartAsked'>(
  asked: A,
  ...thaw: readonly (typeof ask.unpause)[]
) =>
  [
    {
      guard: 'bounded',
      target: 'stopping',
      actions: [asked, ...stopActions, ...thaw, ask.stopTimer],
    },
    { target: 'stopping', actions: [asked, ...stopActions, ...thaw] },
  ] as const;

export const containerMachine = containerSetup.createMachine({
  id: 'container',
  context: UNBORN,
  initial: 'absent',
  states: {
    absent: {
      on: {
        'container.create-requested': [
          { guard: 'rootLater', target: 'creating', actions: 'born' },
          { target: 'creating', actions: ['born', ask.prepare] },
        ],
        'container.adopt-requested': { target: 'adopting', actions: ['bornAdopted', ask.adopt] },
      },
    },
    /** Somebody else's record is labelled as ours. */
    adopting: {
      on: {
        'container.adopted': [
          { guard: 'alive', target: 'running', actions: 'adoptedRuns' },
          { target: 'created.clean' },
        ],
        'container.adopt-failed': [
          { guard: 'mayComeAgain', target: 'absent', actions: 'unborn' },
          { target: 'removed' },
        ],
        'container.remove-requested': { target: 'removing.adopting', actions: 'removalKept' },
        ...renaming,
      },
    },
    creating: {
      on: {
        'container.created': 'created.clean',
        'container.create-failed': { target: 'removing.erasing', actions: ask.erase },
        'container.remove-requested': { target: 'removing.creating', actions: 'removalKept' },
        ...renaming,
      },
    },
    created: {
      initial: 'clean',
      on: { ...renaming, ...attaching },
      states: {
        clean: {
          on: {
            'container.start-requested': {
              target: '#starting',
              actions: ['runOpened', ask.create],
            },
            'container.start-refused': { actions: 'failureKept' },
            'container.remove-requested': {
              target: '#removing.erasing',
              actions: ['removalKept', ask.erase],
            },
          },
        },
        cleaning: {
          on: {
            'container.cleaned': { target: 'clean', actions: 'placesFreed' },
            'container.clean-failed': { actions: ['noted', ask.retryClean] },
            'container.retry-due': { actions: ['noted', ask.clean] },
            'container.remove-requested': { target: '#removing.cleaning', actions: 'removalKept' },
          },
        },
      },
    },
    starting: {
      id: 'starting',
      on: {
        'container.started': { target: 'running', actions: 'runStarted' },
        'container.start-failed': [
          { guard: 'ranBefore', target: 'exited.cleaning', actions: ['failureKept', ask.clean] },
          { target: 'created.cleaning', actions: ['failureKept', ask.clean] },
        ],
        'container.remove-requested': { target: 'removing.starting', actions: 'removalKept' },
        ...renaming,
      },
    },
    running: {
      on: {
        'container.stop-requested': stops('stopAsked'),
        'container.restart-requested': stops('restartAsked'),
        ...connecting,
        'container.kill-requested': { actions: signalActions },
        'container.pause-requested': { target: 'pausing', actions: ask.pause },
        'container.paused': { target: 'paused' },
        'container.exited': exits,
        'container.remove-requested': {
          target: 'removing.ending',
          actions: ['removalKept', 'signalSent', ask.sigkill, ask.killTimer],
        },
        'container.record-lost': { actions: ['noted', ask.record] },
        'container.update-requested': { actions: ['updateAsked', ask.update] },
        ...runAnswers,
        ...signalAnswers,
        ...thawAnswers,
        ...renaming,
      },
    },
    pausing: {
      on: {
        'container.paused': 'paused',
        'container.pause-failed': 'running',
        'container.exited': exits,
        'container.remove-requested': {
          target: 'removing.ending',
          actions: ['removalKept', 'signalSent', ask.sigkill, ask.unpause, ask.killTimer],
        },
        ...runAnswers,
        ...signalAnswers,
        ...thawAnswers,
        ...renaming,
      },
    },
    paused: {
      on: {
        ...connecting,
        'container.unpause-requested': { target: 'unpausing', actions: ask.unpause },
        'container.unpaused': { target: 'running' },
        'container.stop-requested': stops('stopAsked', ask.unpause),
        'container.restart-requested': stops('restartAsked', ask.unpause),
        'container.kill-requested': [
          // A frozen process can not die of SIGKILL on cgroup v1 before it is thawed.
          {
            guard: 'kills',
            target: 'unpausing',
            actions: [...signalActions, ask.unpause],
          },
          { actions: signalActions },
        ],
        'container.exited': exits,
        'container.remove-requested': {
          target: 'removing.ending',
          actions: ['removalKept', 'signalSent', ask.sigkill, ask.unpause, ask.killTimer],
        },
        'container.record-lost': { actions: ['noted', ask.record] },
        'container.update-requested': { actions: ['updateAsked', ask.update] },
        ...runAnswers,
        ...signalAnswers,
        ...renaming,
      },
    },
    unpausing: {
      on: {
        'container.unpaused': 'running',
        'container.unpause-failed': 'paused',
        'container.exited': exits,
        'container.remove-requested': {
          target: 'removing.ending',
          actions: ['removalKept', 'signalSent', ask.sigkill, ask.killTimer],
        },
        ...runAnswers,
        ...signalAnswers,
        ...renaming,
      },
    },
    stopping: {
      on: {
        'container.stop-requested': [
          { guard: 'bounded', actions: ['stopAsked', ...stopActions, ask.stopTimer] },
          { actions: ['stopAsked', ...stopActions] },
        ],
        'container.restart-requested': [
          { guard: 'bounded', actions: ['restartAsked', ...stopActions, ask.stopTimer] },
          { actions: ['restartAsked', ...stopActions] },
        ],
        'container.stop-timed-out': { actions: ['signalSent', ask.sigkill, ask.killTimer] },
        'container.update-requested': { actions: ['updateAsked', ask.update] },
        'container.stop-failed': { target: 'running', actions: 'stopGivenUp' },
        'container.kill-requested': { actions: signalActions },
        ...thawAnswers,
        'container.exited': exits,
        'container.remove-requested': {
          target: 'removing.ending',
          actions: [
            'removalKept',
            'signalSent',
            ask.noStop,
            ask.noKill,
            ask.sigkill,
            ask.killTimer,
          ],
        },
        ...runAnswers,
        ...signalAnswers,
        ...renaming,
      },
    },
    exited: {
      id: 'exited',
      initial: 'cleaning',
      on: { ...renaming, ...attaching },
      states: {
        cleaning: {
          on: {
            'container.cleaned': { target: 'clean', actions: 'placesFreed' },
            'container.clean-failed': { actions: ['noted', ask.retryClean] },
            'container.retry-due': { actions: ['noted', ask.clean] },
            'container.remove-requested': { target: '#removing.cleaning', actions: 'removalKept' },
            ...signalAnswers,
          },
        },
        clean: {
          on: {
            'container.start-requested': {
              target: '#starting',
              actions: ['runOpened', ask.create],
            },
            'container.start-refused': { actions: 'failureKept' },
            'container.remove-requested': {
              target: '#removing.erasing',
              actions: ['removalKept', ask.erase],
            },
          },
        },
      },
    },
    /** Its restart policy starts it again, when the time has come. */
    restarting: {
      id: 'restarting',
      initial: 'cleaning',
      on: { ...renaming, ...attaching },
      states: {
        cleaning: {
          on: {
            'container.cleaned': {
              target: 'waiting',
              actions: ['placesFreed', ask.restartTimer],
            },
            'container.clean-failed': { actions: ['noted', ask.retryClean] },
            'container.retry-due': { actions: ['noted', ask.clean] },
            'container.restart-cancelled': '#exited.cleaning',
            'container.remove-requested': { target: '#removing.cleaning', actions: 'removalKept' },
          },
        },
        waiting: {
          on: {
            'container.start-requested': {
              target: '#starting',
              actions: ['runOpened', ask.noRestart, ask.create],
            },
            'container.restart-postponed': { actions: ['putOff', ask.putOff] },
            'container.restart-cancelled': { target: '#exited.clean', actions: ask.noRestart },
            'container.remove-requested': {
              target: '#removing.erasing',
              actions: ['removalKept', ask.noRestart, ask.erase],
            },
          },
        },
      },
    },
    removing: {
      id: 'removing',
      initial: 'erasing',
      on: {
        ...runAnswers,
        ...signalAnswers,
        'container.paused': { actions: 'noted' },
        'container.pause-failed': { actions: 'noted' },
        ...thawAnswers,
        ...updateAnswers,
      },
      states: {
        /** Removed while its root was being prepared. */
        creating: {
          on: {
            'container.created': { target: 'erasing', actions: ask.erase },
            'container.create-failed': { target: 'erasing', actions: ask.erase },
          },
        },
        adopting: {
          on: {
            'container.adopted': [
              {
                guard: 'alive',
                target: 'ending',
                actions: ['adoptedRuns', 'signalSent', ask.sigkill, ask.unpause, ask.killTimer],
              },
              { target: 'erasing', actions: ask.erase },
            ],
            'container.adopt-failed': '#removed',
          },
        },
        /** Removed while it was starting: the start is let to its end, which has a deadline. */
        starting: {
          on: {
            'container.started': {
              target: 'ending',
              actions: ['runStarted', 'signalSent', ask.sigkill, ask.killTimer],
            },
            'container.start-failed': { target: 'cleaning', actions: ['failureKept', ask.clean] },
          },
        },
        ending: {
          on: {
            'container.exited': {
              target: 'cleaning',
              actions: ['exitKept', ask.noStop, ask.noKill, ask.clean],
            },
            'container.kill-timed-out': { target: 'cleaning', actions: ask.clean },
          },
        },
        cleaning: {
          on: {
            'container.exited': { actions: 'exitKept' },
            'container.cleaned': { target: 'erasing', actions: ['placesFreed', ask.erase] },
            'container.clean-failed': { target: 'stuck', actions: ['cleanStuck', ask.retryClean] },
            // It was waiting to be tried again when the removal came.
            'container.retry-due': { actions: ['noted', ask.clean] },
          },
        },
        erasing: {
          on: {
            'container.removed': '#removed',
            'container.remove-failed': { target: 'stuck', actions: ['eraseStuck', ask.retryErase] },
          },
        },
        /** Docker's `dead`: tried again by the timer, or by the next rm. */
        stuck: {
          on: {
            'container.exited': { actions: 'exitKept' },
            'container.retry-due': [
              { guard: 'erasing', target: 'erasing', actions: ask.erase },
              { target: 'cleaning', actions: ask.clean },
            ],
            'container.remove-requested': {
              target: 'cleaning',
              actions: ['removalKept', ask.noRetry, ask.clean],
            },
          },
        },
      },
    },
    removed: { id: 'removed', type: 'final' },
  },
});
