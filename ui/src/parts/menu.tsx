// Menus and dialogs over Radix. Radix's own overlay writes a <style> element to stop the page's scroll, which the
// content security policy forbids and our fixed layout does not need; the veil here is ours, and menus are not modal.
import { Dialog as RD, DropdownMenu as RM } from 'radix-ui';
import { createContext, useContext, useState, type ReactNode } from 'react';
import { Button } from './button';
import { useGiveBack } from './giveback';
import { Icon, type IconName } from './icon';
import css from './menu.module.css';

/** What is done once the menu is gone, in the place of giving the focus back to its button. */
const Then = createContext<{ run: (() => void) | null }>({ run: null });

/** A button that opens a list of acts. */
export function Menu({ trigger, children, align = 'start', opened = false, onClose }: { trigger: ReactNode; children: ReactNode; align?: 'start' | 'end'; opened?: boolean; onClose?: () => void }) {
  const [open, setOpen] = useState(opened);
  const [then] = useState(() => ({ run: null as (() => void) | null }));
  const giveBack = (e: Event) => {
    if (!then.run) return;
    e.preventDefault();
    then.run();
    then.run = null;
  };
  return (
    <RM.Root modal={false} open={open} onOpenChange={(o) => (setOpen(o), !o && onClose?.())}>
      <RM.Trigger asChild>{trigger}</RM.Trigger>
      {/* In the page's landmark, so that a screen reader knows where it is. */}
      <RM.Portal container={open ? document.getElementById('main') : null}>
        <RM.Content className={css.pop} align={align} sideOffset={4} collisionPadding={8} onCloseAutoFocus={giveBack}>
          <Then value={then}>{children}</Then>
        </RM.Content>
      </RM.Portal>
    </RM.Root>
  );
}

/** An act that puts the focus elsewhere, into a field for instance: the menu, which gives it back as it closes, comes first. */
export function MenuItemTo({ onSelect, ...rest }: { icon?: IconName; onSelect: () => void; children: ReactNode }) {
  const then = useContext(Then);
  return <MenuItem {...rest} onSelect={() => (then.run = onSelect)} />;
}
export const MenuItem = ({ icon, end, danger, onSelect, children, disabled }: { icon?: IconName; end?: ReactNode; danger?: boolean; onSelect: () => void; children: ReactNode; disabled?: boolean }) => (
  <RM.Item className={[css.item, danger && css.danger].filter(Boolean).join(' ')} onSelect={onSelect} disabled={disabled ?? false}>
    {icon && <Icon name={icon} small />}
    <span className="cut">{children}</span>
    {end && <span className={css.end}>{end}</span>}
  </RM.Item>
);

/** One of several choices, with a tick at the one in force. */
export function MenuChoice<T extends string>({ value, onValue, options }: { value: T; onValue: (v: T) => void; options: { value: T; label: ReactNode; end?: ReactNode }[] }) {
  return (
    <RM.RadioGroup value={value} onValueChange={(v) => onValue(v as T)}>
      {options.map((o) => (
        <RM.RadioItem key={o.value} className={css.item} value={o.value}>
          <span className={css.tick}>
            <RM.ItemIndicator>
              <Icon name="check" small />
            </RM.ItemIndicator>
          </span>
          <span className="cut">{o.label}</span>
          {o.end && <span className={css.end}>{o.end}</span>}
        </RM.RadioItem>
      ))}
    </RM.RadioGroup>
  );
}
/** An item that opens more of them; they are made when it is opened. */
export const MenuMore = ({ icon, text, children }: { icon?: IconName; text: string; children: () => ReactNode }) => (
  <RM.Sub>
    <RM.SubTrigger className={css.item}>
      {icon && <Icon name={icon} small />}
      <span className="cut">{text}</span>
      <span className={css.end}>
        <Icon name="right" small />
      </span>
    </RM.SubTrigger>
    <RM.Portal container={document.getElementById('main')}>
      <RM.SubContent className={css.pop} sideOffset={2} alignOffset={-5} collisionPadding={8}>
        <More>{children}</More>
      </RM.SubContent>
    </RM.Portal>
  </RM.Sub>
);
const More = ({ children }: { children: () => ReactNode }) => children();

export const MenuLabel = ({ children }: { children: ReactNode }) => <RM.Label className={css.label}>{children}</RM.Label>;
export const MenuLine = () => <RM.Separator className={css.line} />;

/** A dialog: traps the focus and gives it back. `bare` leaves the inside to the caller. */
export function Dialog({ open, onClose, ...rest }: { open: boolean; onClose: () => void; title: string; children: ReactNode; foot?: ReactNode; bare?: boolean; width?: number }) {
  return (
    <RD.Root open={open} onOpenChange={(o) => !o && onClose()}>
      <RD.Portal>
        <Frame {...rest} />
      </RD.Portal>
    </RD.Root>
  );
}

function Frame({ title, children, foot, bare, width }: { title: string; children: ReactNode; foot?: ReactNode; bare?: boolean; width?: number }) {
  const back = useGiveBack();
  return (
    <div className={css.veil} data-veil="">
      <RD.Content className={[css.dialog, bare && css.bare].filter(Boolean).join(' ')} style={width ? { width: `min(${width}px, 100%)` } : undefined} aria-describedby={undefined} {...back}>
        <RD.Title className={bare ? 'sr' : undefined}>{title}</RD.Title>
        {children}
        {foot && <div className={css.foot}>{foot}</div>}
      </RD.Content>
    </div>
  );
}

/** Asks before an act that cannot be undone. */
export function Confirm({ open, onClose, title, children, act, onAct, busy }: { open: boolean; onClose: () => void; title: string; children: ReactNode; act: string; onAct: () => void; busy?: boolean }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={busy ?? false} onClick={onAct}>
            {act}
          </Button>
        </>
      }
    >
      <div className="mid">{children}</div>
    </Dialog>
  );
}
