-- What people press in Slack, written down before Slack is answered; anomalies that were split; what was asked of Linear
-- and what is known of the money behind a company.

create table press (
  source text primary key,                          -- Slack's own id of it: sent again, it is the same press
  anomaly_id text not null,
  by text not null,
  user_id text not null,                            -- whom to tell when nothing came of it
  act jsonb not null,                               -- what was pressed or chosen, as read from the verified request
  at timestamptz not null default now(),
  not_before timestamptz not null default now(),
  attempts integer not null default 0,
  ended_at timestamptz,                             -- carried out, or given up
  said text                                         -- what its author was told; null: nothing
);
create index press_waiting on press (not_before) where ended_at is null;
create index press_ended on press (ended_at) where ended_at is not null;

alter table anomaly add column split_from text references anomaly (id);   -- a person took its tickets out of that one
create index anomaly_by_origin on anomaly (split_from) where split_from is not null;

alter table account add column arr double precision;  -- a year's revenue from it; null: not known, or not to be shown
