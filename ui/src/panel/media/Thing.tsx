// One thing of a media panel: an image, sound, film, page, figure, object, molecule or histogram.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { paint } from '../../chart/colour';
import { bytes, int, num } from '../../data/format';
import { fileBytes, fileText } from '../../data/media';
import { parseLoose } from '../../data/json';
import { Button } from '../../parts/button';
import { Icon } from '../../parts/icon';
import { Said, SaidFailed, SaidWaiting } from '../inside/Inside';
import { Sandbox } from '../inside/Sandbox';
import { formatOf, tooLarge, type Item } from './items';
import { Overlay, type OverlayChoice } from './Overlay';
import css from './media.module.css';

type Props = { item: Item; url: (path: string) => string; label: string; choice: OverlayChoice; tall: boolean; held: boolean; play: boolean };

/** `held`: a heavy thing that is shown only when asked for. `play`: films start by themselves, without sound. */
export function Thing({ item, url, label, choice, tall, held, play }: Props) {
  const href = url(item.path);
  switch (item.kind) {
    case 'image':
      return <Picture item={item} url={url} label={label} choice={choice} />;
    case 'audio':
    case 'video':
      return <Played kind={item.kind} href={href} label={label} play={play} />;
    case 'histogram':
      return <Histogram item={item} label={label} />;
    case 'html':
    case 'plotly':
    case 'object':
    case 'molecule':
      return (
        <div className={tall ? css.tall : css.framed}>
          <Held held={held} label={label}>
            <Framed item={item} href={href} label={label} />
          </Held>
        </div>
      );
    default:
      return (
        <div className={css.note}>
          {item.kind === 'table' ? 'A table. Add a table panel for this key to read it.' : `Nothing here shows the type ${item.type || 'of this value'}.`} {item.path && <a href={href} download>Download</a>}
        </div>
      );
  }
}

/** Where motion is unwanted nothing starts by itself. */
const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Sound, played only when asked to, or film. */
function Played({ kind, href, label, play }: { kind: 'audio' | 'video'; href: string; label: string; play: boolean }) {
  const [failed, setFailed] = useState(false);
  if (failed)
    return (
      <div className={css.note} role="alert">
        The {kind === 'audio' ? 'sound' : 'video'} cannot be played: its file is not there, damaged, or in a form that this browser does not know.
        <span className="row">
          <Button small aria-label={`Retry ${label}`} onClick={() => setFailed(false)}>Retry</Button>
          <a href={href} download>Download</a>
        </span>
      </div>
    );
  const more = { controls: true, preload: 'metadata', src: href, 'aria-label': label, onError: () => setFailed(true) };
  return kind === 'audio' ? <audio className={css.sound} {...more} /> : <video key={String(play)} className={css.film} {...more} {...(play && !calm() ? { autoPlay: true, muted: true, loop: true, playsInline: true } : {})} />;
}

function Held({ held, label, children }: { held: boolean; label: string; children: React.ReactNode }) {
  const [on, setOn] = useState(false);
  if (held && !on) return <Said action={<Button small onClick={() => setOn(true)} aria-label={`Show ${label}`}>Show</Button>}>Not shown by itself: many at once are heavy.</Said>;
  return children;
}

function Picture({ item, url, label, choice }: { item: Item; url: (path: string) => string; label: string; choice: OverlayChoice }) {
  const [state, setState] = useState<'ok' | 'failed'>('ok');
  const [large, setLarge] = useState(false);
  const [round, setRound] = useState(0);
  const href = url(item.path);
  const why = useQuery({ queryKey: ['why', href, round], queryFn: ({ signal }) => fileBytes(href, 512 << 20, signal).then((b) => `The image cannot be read. The file of ${bytes(b.byteLength)} is damaged, or in a form that browsers do not show.`), enabled: state === 'failed', retry: false, staleTime: Infinity });
  if (tooLarge(item) && !large)
    return (
      <div className={css.note}>
        An image of {int(item.width)} × {int(item.height)}, {int((item.width * item.height) / 1e6)} megapixels. Showing it takes about {bytes(item.width * item.height * 4)} of memory.
        <span className="row">
          <Button small onClick={() => setLarge(true)}>Show it</Button>
          <a href={href} download>Download</a>
        </span>
      </div>
    );
  if (state === 'failed')
    return (
      <div className={css.note} role="alert">
        {why.data ?? why.error?.message ?? 'The image could not be shown.'}
        <span className="row">
          <Button small onClick={() => (setState('ok'), setRound(round + 1))}>Retry</Button>
          <a href={href} download>Download</a>
        </span>
      </div>
    );
  return (
    <span className={css.picture} style={item.width && item.height ? { aspectRatio: `${item.width} / ${item.height}`, ['--ratio' as string]: item.width / item.height } : undefined}>
      <img key={round} src={href} alt={label} loading="lazy" decoding="async" width={item.width || undefined} height={item.height || undefined} onError={() => setState('failed')} />
      {(item.boxes.length > 0 || item.masks.length > 0) && <Overlay item={item} url={url} choice={choice} />}
    </span>
  );
}

/** A page without the style sheet that the SDK adds to each: nothing is fetched in a frame. */
const plain = (html: string): string => html.replace(/<link[^>]*app\.wandb\.ai\/normalize\.css[^>]*>/g, '');

function Framed({ item, href, label }: { item: Item; href: string; label: string }) {
  const raw = item.kind === 'object';
  const q = useQuery<string | ArrayBuffer>({ queryKey: ['file', href], queryFn: ({ signal }) => (raw ? fileBytes(href, undefined, signal) : fileText(href, undefined, signal)), staleTime: Infinity, gcTime: 60_000, retry: false });
  const [said, setSaid] = useState('');
  const drawing = useMemo(() => {
    if (q.data === undefined) return null;
    const format = formatOf(item.path);
    if (item.kind === 'object') return { format, bytes: q.data };
    if (item.kind === 'plotly') return { figure: parseLoose(q.data as string) ?? null };
    return item.kind === 'html' ? { html: plain(q.data as string) } : { format, text: q.data };
  }, [q.data, item.kind, item.path]);
  if (q.error) return <SaidFailed what="" error={q.error} retry={() => void q.refetch()} />;
  if (!drawing) return <SaidWaiting what={`Reading ${label}`} />;
  return (
    <>
      <Sandbox page={item.kind === 'html' ? 'page' : (item.kind as 'plotly' | 'object' | 'molecule')} drawing={drawing} label={label} paper={item.kind === 'html'} onSaid={setSaid} />
      {said && <span className={css.said} title={said}><Icon name="info" small /> {said}</span>}
    </>
  );
}

function Histogram({ item, label }: { item: Item; label: string }) {
  const counts = item.counts ?? [], bins = item.bins ?? [], top = Math.max(...counts, 1), n = counts.length;
  if (n === 0 || bins.length < 2) return <div className={css.note}>The histogram is empty.</div>;
  const W = 240, H = 90, x0 = bins[0]!, span = bins[bins.length - 1]! - x0 || 1;
  const at = (v: number) => ((v - x0) / span) * W;
  const sum = counts.reduce((a, b) => a + b, 0);
  return (
    <svg className={css.histogram} viewBox={`0 0 ${W} ${H + 14}`} role="img" aria-label={`${label}: ${int(sum)} values from ${num(x0)} to ${num(x0 + span)}`} preserveAspectRatio="none">
      {counts.map((c, i) => (
        <rect key={i} x={at(bins[i] ?? x0)} width={Math.max(0.5, at(bins[i + 1] ?? x0) - at(bins[i] ?? x0) - 0.5)} y={H - (c / top) * H} height={(c / top) * H} fill={paint(0)}>
          <title>{`${num(bins[i])} to ${num(bins[i + 1])}: ${int(c)}`}</title>
        </rect>
      ))}
      <line x1="0" x2={W} y1={H} y2={H} stroke="var(--line2)" />
      <text x="0" y={H + 11} className={css.tick}>{num(x0, 3)}</text>
      <text x={W} y={H + 11} className={css.tick} textAnchor="end">{num(x0 + span, 3)}</text>
    </svg>
  );
}
