-- What the team has written down, and what people said of topics. Rows are only ever added: a thought names one of them,
-- so that the mind can be made again from what is recorded.

create table article (
  edition bigint generated always as identity primary key,
  connection text not null,
  kind text not null check (kind in ('article', 'macro')),
  article_id text not null,                         -- the helpdesk's own
  title text not null,
  text text not null,
  url text,
  language text,                                    -- null: nobody said
  public boolean not null,                          -- may be shown to customers: internal ones are only cited to agents
  updated_at timestamptz not null,                  -- by the helpdesk
  gone boolean not null default false,              -- deleted or unpublished over there
  recorded_at timestamptz not null default now()
);
create index article_by_id on article (connection, kind, article_id, edition);

create table topic_change (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('rename', 'merge', 'split')),
  topic integer not null,                           -- the number of the topic, which never changes
  into_topic integer,                               -- merge: the one that remains
  name text,                                        -- rename: what people call it; null: its own words again
  at timestamptz not null default now()
);

-- A thought about an article or a topic belongs to no ticket: its ticket_id is empty, its step names the row above.
alter table draft add column articles jsonb not null default '[]';  -- macros and articles that the note cites
alter table draft add column topic_number integer;  -- null: the question began a topic
