import type { ReactNode } from 'react'
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Button } from './button.tsx'
import styles from './confirm-button.module.css'

export interface LookButtonProps {
  /** What is looked at, whole, for those who do not see where the button stands. */
  readonly label: string
  readonly title: string
  readonly children: ReactNode
}

/** A button that shows something whole, over the page. */
export function LookButton({ label, title, children }: LookButtonProps) {
  return (
    <DialogTrigger>
      <Button kind="quiet" aria-label={label}>
        Look
      </Button>
      <ModalOverlay className={styles.overlay ?? ''} isDismissable>
        <Modal className={styles.modal ?? ''}>
          <Dialog className={styles.dialog ?? ''}>
            {({ close }) => (
              <div className={styles.form}>
                <Heading slot="title">{title}</Heading>
                {children}
                <div className={styles.buttons}>
                  <Button onPress={close}>Close</Button>
                </div>
              </div>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  )
}
