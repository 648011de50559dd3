import { type ReactNode, useState } from 'react'
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Button, type ButtonKind } from './button.tsx'
import styles from './confirm-button.module.css'

export interface ConfirmButtonProps {
  /** On the button that asks, and on the one that does it. */
  readonly label: string
  readonly kind?: ButtonKind
  /** The question. */
  readonly title: string
  /** What will happen, and fields for what must be said. */
  readonly children: ReactNode
  /** Does it. The dialog closes when it resolves, and stays open when it rejects; whoever does it tells the outcome. */
  readonly onConfirm: () => Promise<unknown>
  /** Whether what must be said is not said yet. */
  readonly isIncomplete?: boolean
  readonly isDisabled?: boolean
}

/** A button that asks before it does something. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const {
    label,
    kind = 'plain',
    title,
    children,
    onConfirm,
    isIncomplete = false,
    isDisabled = false,
  } = props
  const [isOpen, setOpen] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const confirm = async (): Promise<void> => {
    setBusy(true)
    try {
      await onConfirm()
      setOpen(false)
    } catch {
      // Told by whoever does it; the words that were typed stay.
    } finally {
      setBusy(false)
    }
  }
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button kind={kind} isDisabled={isDisabled}>
        {label}
      </Button>
      <ModalOverlay className={styles.overlay ?? ''} isDismissable={!isBusy}>
        <Modal className={styles.modal ?? ''}>
          <Dialog role="alertdialog" className={styles.dialog ?? ''}>
            <form
              className={styles.form}
              onSubmit={(event) => {
                event.preventDefault()
                if (!isIncomplete && !isBusy) void confirm()
              }}
            >
              <Heading slot="title">{title}</Heading>
              <div className={styles.body}>{children}</div>
              <div className={styles.buttons}>
                <Button onPress={() => setOpen(false)} isDisabled={isBusy}>
                  Back
                </Button>
                <Button
                  type="submit"
                  kind={kind === 'danger' ? 'danger' : 'primary'}
                  isDisabled={isIncomplete}
                  isPending={isBusy}
                >
                  {label}
                </Button>
              </div>
            </form>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  )
}
