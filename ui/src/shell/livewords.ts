// What the header says of the stream of changes, and of rows that the server puts off.
import { clock } from '../data/format';
import type { LiveState, Strain } from '../data/live';

type Words = { tone: '' | 'ok' | 'warn'; text: string; title: string };

const KEPT = 'Runs keep what they have and send it again; nothing is lost, but charts are late.';
const STRAINS: Record<Exclude<Strain, ''>, Words> = {
  failing: { tone: 'warn', text: 'Rows put off: database refuses', title: `The server cannot write to its metadata database. ${KEPT} The server's log says why.` },
  full: { tone: 'warn', text: 'Rows put off: store too slow', title: `The disk or the database is slower than what the runs send, so the server takes no more for the moment. ${KEPT}` },
  slow: { tone: 'warn', text: 'Rows late: slow store', title: `Writing to the disk or the database takes longer than two seconds. ${KEPT}` },
};

export function liveWords(s: LiveState): Words {
  if (s.strain && s.kind === 'live') return STRAINS[s.strain];
  switch (s.kind) {
    case 'live':
      return { tone: 'ok', text: 'Live', title: 'Connected. Changes arrive as they happen.' };
    case 'reconnecting':
      return { tone: 'warn', text: `Reconnecting, data of ${clock(s.since)}`, title: 'The stream of changes was lost. Asking every 15 s until it is back.' };
    case 'polling':
      return { tone: 'warn', text: 'Asking every 15 s', title: 'The stream of changes cannot be opened, so this page asks for news every 15 s.' };
    case 'paused':
      return { tone: '', text: 'Paused', title: 'This tab was hidden for over ten minutes.' };
    default:
      return { tone: '', text: 'Connecting', title: 'Opening the stream of changes.' };
  }
}
