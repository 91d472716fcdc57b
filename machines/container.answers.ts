/** Facts that many states of a container take alike, because they change none of them. */
import * as ask from './container.effects.ts';

/** What came of an update; it may come after the run that it was asked in. */
export const updateAnswers = {
  'container.updated': { actions: 'changesTaken' },
  'container.update-failed': { actions: 'updateGivenUp' },
} as const;

/** Name and restart policy can change in any state in which the container is still there. */
export const renaming = {
  'container.renamed': { actions: 'nameTaken' },
  ...updateAnswers,
} as const;

/** Answers to signals sent before; they change no state. */
export const signalAnswers = {
  'container.signalled': { actions: 'signalDone' },
  'container.signal-failed': { actions: 'signalDone' },
} as const;

/** Answers to a thaw that a stop asked for and that came after the stop was given up. */
export const thawAnswers = {
  'container.unpaused': { actions: 'noted' },
  'container.unpause-failed': { actions: 'noted' },
} as const;

/** While it runs it is plugged in, and pulled out, at once. */
export const connecting = {
  'container.connect-requested': { actions: ['placeTaken', ask.attach] },
  'container.disconnect-requested': { actions: ['placesMoved', ask.detach] },
} as const;

/** What is heard of a run whose process was started, and changes no state. */
export const runAnswers = {
  // Whether a record that was deleted from under the task could be written again.
  'container.record-restored': { actions: 'noted' },
  'container.record-failed': { actions: 'noted' },
  // What became of a connect or disconnect.
  'container.connected': { actions: 'noted' },
  'container.connect-failed': { actions: 'placeLost' },
  'container.disconnected': { actions: 'placeLost' },
  'container.disconnect-failed': { actions: 'noted' },
  'container.oom-killed': { actions: 'killsKept' },
} as const;

/** Between runs only what it wants is changed. */
export const attaching = {
  'container.attachment-added': { actions: 'attachmentKept' },
  'container.attachment-removed': { actions: 'attachmentDropped' },
} as const;
