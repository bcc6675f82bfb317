-- What arrived, what it means, and what came of it. Rows of `delivery`, `event` and `thought` are only ever added.
-- (connection, ticket_id) leads every key of the large tables, so that they can be spread over machines by it.

create table connection (
  name text primary key,                            -- the account, such as `zendesk` or `zendesk-emea`
  connector text not null,                          -- the folder in connectors/
  paused_at timestamptz,                            -- set: nothing is written until a person has cleared it
  paused_why text,
  created_at timestamptz not null default now()
);

create table delivery_identity (
  connection text not null,
  identity text not null,                           -- from inside the signed body; a redelivery stops here
  received_at timestamptz not null,
  primary key (connection, identity)
);

create table delivery (
  connection text not null,
  id bigint generated always as identity,
  received_at timestamptz not null,
  identity text,                                    -- null: this vendor has none, each delivery counts
  headers jsonb not null,                           -- those that matter for a replay, never credentials
  body bytea not null,                              -- as received, byte for byte
  state text not null check (state in ('read', 'unreadable', 'late')),
  error text,                                       -- why it could not be read
  events integer not null default 0,
  primary key (received_at, id)
) partition by range (received_at);
create index delivery_by_connection on delivery (connection, received_at);

create table event (
  connection text not null,
  ticket_id text not null,
  key text not null,                                -- the same by webhook and by history
  at timestamptz not null,                          -- when it happened, by the vendor's clock
  seq bigint generated always as identity,
  kind text not null,
  fact jsonb not null,                              -- the event without connection, ticketId, key, at and kind
  rev integer not null,                             -- the ticket's revision that this event made
  recorded_at timestamptz not null default now(),
  primary key (connection, ticket_id, key, at)
) partition by range (at);

create table ticket (
  connection text not null,
  ticket_id text not null,
  rev integer not null default 0,                   -- grows with every delivery that says something new
  done_rev integer not null default 0,              -- the revision whose story has been thought through
  look_rev integer not null default 0,              -- the revision at which a look was last asked for
  looked_rev integer not null default 0,            -- the revision at which the helpdesk was last asked
  due_at timestamptz,                               -- when the next step of its story is due; null: none
  first_at timestamptz not null,
  last_at timestamptz not null,
  quiet boolean not null default false,             -- a person asked for no drafts here
  primary key (connection, ticket_id)
);
create index ticket_due on ticket (due_at, connection, ticket_id) where due_at is not null;
create index ticket_undone on ticket (connection, ticket_id) where rev > done_rev or look_rev > looked_rev;

create table thought (
  seq bigint generated always as identity primary key,  -- the order in which the mind learned
  connection text not null,
  ticket_id text not null,
  step text not null,                               -- ask:<question>, hear:<question>, outcome:<kind>:<at>
  rev integer not null,                             -- the story as it was: events up to this revision
  at timestamptz not null,
  made_at timestamptz not null default now(),
  unique (connection, ticket_id, step)              -- a step is taken once
);

create table draft (
  connection text not null,
  ticket_id text not null,
  question_id text not null,                        -- the first message of the customer's turn
  key text not null unique,                         -- dl- and 13 characters, in the note's last line
  asked_at timestamptz not null,                    -- when the draft was due, in the ticket's own time
  at timestamptz not null default now(),
  basis text not null,                              -- the newest message that it has seen
  language text not null,
  text text not null,                               -- empty: nothing to propose
  topic text not null,
  score double precision not null,                  -- how likely it is sent as is or lightly edited, 0 to 1
  threshold double precision not null,
  action text not null check (action in ('note', 'silent')),
  reason text not null,                             -- why a note, or why none
  sources jsonb not null,                           -- the past tickets and articles behind it
  noted_at timestamptz,                             -- when the note stood in the ticket
  outcome text check (outcome in ('as_is', 'edited', 'replaced')),  -- what the agent sent, beside the draft
  seen text check (seen in ('seen', 'too_late', 'silent')),         -- did a note stand there 15 s before the answer?
  similarity double precision,                      -- share of the draft's words that the agent kept, 0 to 1
  reward double precision,                          -- what the learner was told, 0 to 1
  answered_at timestamptz,
  answer_id text,                                   -- message id of what the agent sent
  primary key (connection, ticket_id, question_id)
);
create index draft_by_time on draft (asked_at);

create table signal (
  connection text not null,
  ticket_id text not null,
  question_id text not null,
  step text not null,                               -- the step that gave it
  kind text not null,                               -- as_is, edited, replaced, solved, reopened, rated …
  value double precision not null,                  -- 0 bad to 1 good
  weight double precision not null,
  at timestamptz not null,
  primary key (connection, ticket_id, question_id, step)
);

create table mind (
  name text primary key,
  seq bigint not null,                              -- the last thought inside
  taken_at timestamptz not null default now(),
  version integer not null,                         -- of the learner's form; another one is computed again from the thoughts
  state bytea not null                              -- JSON, compressed
);

create table effect (
  id uuid primary key,
  kind text not null,                               -- note
  connection text not null,
  ticket_id text not null,
  cause text not null,                              -- what asked for it; one cause has one effect
  marker text not null,                             -- what we look for on the other side
  payload jsonb not null,
  state text not null check (state in ('pending', 'inflight', 'done', 'skipped', 'parked')),
  attempts integer not null default 0,
  not_before timestamptz not null default now(),
  unclear_at timestamptz,                           -- an answer never came: look before sending again
  vendor_id text,
  reason text,                                      -- why skipped or parked
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (kind, connection, ticket_id, cause)
);
create index effect_open on effect (not_before) where state in ('pending', 'inflight');

create table cursor (
  connection text not null,
  name text not null,
  value text not null,
  at timestamptz not null default now(),
  primary key (connection, name)
);

create table failure (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  work text not null,                               -- which job
  connection text,
  ticket_id text,
  message text not null,
  unique (work, connection, ticket_id, message)     -- said once
);

create table clock (
  one boolean primary key default true check (one),
  at timestamptz not null                           -- the present, while an archive is replayed
);
