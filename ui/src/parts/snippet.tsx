// The code that logs a first run, by framework, coloured by hand-marked pieces.
import type { ReactNode } from 'react';
import css from './firstrun.module.css';

export type Framework = 'Python' | 'Lightning' | 'HF Trainer' | 'Keras' | 'Offline runs';
export const FRAMEWORKS: Framework[] = ['Python', 'Lightning', 'HF Trainer', 'Keras', 'Offline runs'];

/** The code as plain text. `init` names the project, and the owner when it is not the person's own. */
export function snippet(f: Framework, project: string, entity: string | null): string {
  const where = `project="${project}"` + (entity ? `, entity="${entity}"` : '');
  switch (f) {
    case 'Python':
      return `import math, random, time, wandb\n\nrun = wandb.init(${where}, config={"lr": 0.01})\nfor step in range(1000):\n    loss = math.exp(-step / 300) + random.random() * 0.05\n    run.log({"train/loss": loss, "train/acc": 1 - loss})\n    time.sleep(0.02)\nrun.finish()`;
    case 'Lightning':
      return `from lightning.pytorch.loggers import WandbLogger\n\ntrainer = Trainer(logger=WandbLogger(${where}))\ntrainer.fit(model, data)`;
    case 'HF Trainer':
      return `# nothing to import: the Trainer finds wandb by itself\n# export WANDB_PROJECT=${project}${entity ? ` WANDB_ENTITY=${entity}` : ''}\nargs = TrainingArguments(output_dir="out", report_to="wandb")\nTrainer(model, args, train_dataset=ds).train()`;
    case 'Keras':
      return `import wandb\nfrom wandb.integration.keras import WandbMetricsLogger\n\nwandb.init(${where})\nmodel.fit(x, y, callbacks=[WandbMetricsLogger()])`;
    case 'Offline runs':
      return `# runs recorded without a network are sent later\nwandb sync ./wandb/offline-run-*`;
  }
}

const TOKEN = /(#[^\n]*)|("[^"\n]*")|\b(import|from|for|in|export|as)\b|\b(\d+(?:\.\d+)?)\b|([A-Za-z_]\w*)(?=\()|(=https?:\S+|=[A-Za-z0-9_-]{20,})/g;

/** Colours a little Python or shell. */
export function Coloured({ text }: { text: string }) {
  const out: ReactNode[] = [];
  let at = 0;
  for (const m of text.matchAll(TOKEN)) {
    if (m.index > at) out.push(text.slice(at, m.index));
    const cls = m[1] ? css.c : m[2] || m[6] ? css.s : m[3] ? css.k : m[4] ? css.nr : css.f;
    out.push(
      <span key={m.index} className={cls}>
        {m[0]}
      </span>,
    );
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return <>{out}</>;
}
