/**
 * What `schema_migrations` says of one version. `done`: the file ran here; `baseline`: it was taken as done without
 * running; `running`: a `no-transaction` file was begun and its end is unknown.
 */
export type MigrationRecord = FinishedRecord | BegunRecord

/** What every record holds. */
export interface RecordFacts {
  readonly version: number
  readonly name: string
  readonly module: string
  /** SHA-256 of the file's normalised text, in hexadecimal. */
  readonly checksum: string
  /** When it was recorded, by the database's clock. */
  readonly appliedAt: Date
  /** The database role that ran it. */
  readonly appliedBy: string
  /** The rules of the runner that wrote the record. */
  readonly runnerVersion: string
}

/** The record of a migration that counts as applied. */
export interface FinishedRecord extends RecordFacts {
  readonly state: 'done' | 'baseline'
  /** Milliseconds that the file took, without its commit; 0 for a baseline. */
  readonly durationMs: number
}

/** The record of a `no-transaction` migration whose end is not known. */
export interface BegunRecord extends RecordFacts {
  readonly state: 'running'
}
