-- The ledger of what was learned: items people can read, the replies behind them, what changed when, and what a person
-- decided. Items, changes and evidence follow from the thoughts; decisions are facts, and are thoughts themselves.

alter table draft add column item text;             -- the learned answer that was proposed; null: none, or before there was a ledger
create index draft_by_item on draft (item, asked_at) where item is not null;

create table learning_item (
  id text primary key,                              -- a-… an answer, t-… a topic, threshold
  kind text not null check (kind in ('answer', 'topic', 'threshold')),
  topic text not null,                              -- in its own words, as of the last change
  language text not null,
  text text not null,                               -- as it is now
  state text not null check (state in ('active', 'review', 'watch', 'reverted', 'rejected')),
  first_at timestamptz not null,
  last_at timestamptz not null
);
create index learning_item_by_state on learning_item (state, last_at);

create table learning_change (
  seq bigint not null,                              -- the thought that made it
  n integer not null,                               -- of several that one thought made
  item text not null,
  what text not null,                               -- new, text, usual, threshold, watch, back, review, drift, or a decision
  state text,                                       -- the state it led to; null: none
  topic text not null,
  at timestamptz not null,
  before text,
  after text,
  primary key (seq, n)
);
create index learning_change_by_item on learning_change (item, seq);

create table learning_evidence (
  connection text not null,
  ticket_id text not null,
  question_id text not null,
  seq bigint not null,                              -- the thought that heard the reply
  at timestamptz not null,
  topic text not null,
  agent text not null,                              -- as the helpdesk names him, after its connection
  state text not null check (state in ('taught', 'held', 'retracted')),
  item text,                                        -- what it taught
  why text,                                         -- why it was held
  detail text,
  held_group text,                                  -- replies that contradict the same old answer together
  primary key (connection, ticket_id, question_id)
);
create index learning_evidence_by_item on learning_evidence (item, at) where item is not null;
create index learning_evidence_held on learning_evidence (at) where state = 'held';

create table learning_decision (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('revert', 'reject', 'approve', 'reinstate', 'edit', 'return', 'admit', 'quarantine', 'release')),
  item text,                                        -- or the held group, or the topic
  by text not null,                                 -- who, as told by whoever asked
  reason text not null,
  at timestamptz not null,
  body jsonb not null,                              -- what folding it needs: prints of texts, the questions behind it; no texts but an edited one
  made_at timestamptz not null default now()
);
create index learning_decision_by_item on learning_decision (item, id);

create table release_marker (
  id bigint generated always as identity primary key,
  version text not null,
  note text not null,
  at timestamptz not null,
  unique (version, at)
);
