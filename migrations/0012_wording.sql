-- Drafts that a language model has put into words: what left the house, what came back, and what it cost.

create table draft_wording (
  key text primary key,                             -- of the draft
  state text not null check (state in ('asked', 'worded', 'kept')),  -- asked: the model is at it; kept: the learned answer stays
  text text not null default '',                    -- what the note says instead of the learned answer
  reason text not null default '',
  sent text not null default '',                    -- the exact text that was sent, redacted
  hidden jsonb not null default '{}',               -- how many personal things were taken out, by kind
  model text not null,
  used_sources jsonb not null default '[]',
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  at timestamptz not null default now()
);
create index draft_wording_by_time on draft_wording (at);
