-- What was told: anomalies, the tickets behind them, and everything that was done with them.

create table anomaly (
  id text primary key,                              -- an_ and 13 characters
  key text not null unique,                         -- of the watch: one cause, one row
  kind text not null,                               -- spike, novel, drift
  topic text not null,
  metric text,
  title text not null,
  state text not null,
  has_issue boolean not null default false,
  filing boolean not null default false,
  merged_into text references anomaly (id),
  reason text,
  p double precision not null,
  usual double precision not null default 0,        -- tickets expected in the time it has taken
  terms jsonb not null default '[]',
  facts jsonb not null default '{}',                -- pages, errors, plans: counted over its tickets
  opened_at timestamptz not null,
  grown_at timestamptz not null,
  closed_at timestamptz,
  fixed_at timestamptz,
  verify_at timestamptz,                            -- when it is looked whether the fix has held
  snoozed_until timestamptz,
  assignee text,                                    -- who said "I'm on it"
  approved_by text,
  verdict text check (verdict in ('real', 'noise')),
  slack_channel text,
  slack_ts text,
  issue_id text,
  issue_identifier text,
  issue_url text,
  version integer not null default 1,               -- grows with every move: what was rendered from an older one is stale
  updated_at timestamptz not null default now()
);
create index anomaly_live on anomaly (opened_at) where state not in ('closed', 'merged', 'noise', 'verified');
create index anomaly_by_issue on anomaly (issue_id) where issue_id is not null;

create table anomaly_ticket (
  anomaly_id text not null references anomaly (id),
  connection text not null,
  ticket_id text not null,
  at timestamptz not null,                          -- when it was asked
  person text not null,
  primary key (anomaly_id, connection, ticket_id)
);
create index anomaly_ticket_by_ticket on anomaly_ticket (connection, ticket_id);

create table anomaly_change (
  anomaly_id text not null references anomaly (id),
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  by text not null,                                 -- a person of Slack or Linear, the dashboard, or the watch
  move text not null,
  detail text,
  applied boolean not null,                         -- false: it made no sense any more
  heard boolean not null default false,             -- a verdict that the watch has learned from
  source text unique                                -- the press or webhook it came by: the same one twice is one
);
create index anomaly_change_by_anomaly on anomaly_change (anomaly_id, seq);

create table watch (
  one boolean primary key default true check (one),
  seq bigint not null,                              -- the last thought that was looked at
  ticked_at timestamptz not null,
  version integer not null,
  state bytea not null,                             -- JSON, compressed
  at timestamptz not null default now()
);
