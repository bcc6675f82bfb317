-- One living note: a turn may have several drafts, of which the newest stands. And what agents say by a note's links.

alter table draft
  add column turn_id text,                          -- first message of its turn, when that is not question_id: a further draft
  add column replaced_by text,                      -- key of the draft whose note stands instead of its own
  add column replaced_at timestamptz;

create table draft_flag (
  connection text not null,
  ticket_id text not null,
  key text not null,                                -- of the draft
  reason text not null check (reason in ('wrong', 'outdated', 'tone', 'other')),
  comment text not null default '',                 -- in the agent's own words
  at timestamptz not null,
  primary key (connection, ticket_id, key)          -- said once
);

create table link_key (
  one boolean primary key default true check (one),
  key bytea not null,                               -- signs the links in notes, where no DESKLOOP_LINK_KEY is set
  made_at timestamptz not null default now()
);
