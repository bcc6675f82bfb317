-- What an anomaly means for the learner, for its tickets and for the people who file it.

alter table anomaly add column topic_number integer;         -- its topic as the learner counts topics; null: it has none of its own
alter table anomaly add column learner_version integer;      -- the version that the learner was last told of
alter table anomaly add column learner_holds boolean not null default false;   -- the topic is held for it
alter table anomaly add column issue_state text;              -- what Linear calls its issue's state, as it was last told
alter table anomaly add column attach_to text;                -- the issue that a person said it is
create index anomaly_for_learner on anomaly (id) where topic_number is not null;

alter table learning_decision drop constraint learning_decision_kind_check;
alter table learning_decision add constraint learning_decision_kind_check
  check (kind in ('revert', 'reject', 'approve', 'reinstate', 'edit', 'return', 'admit', 'quarantine', 'release', 'retire'));
alter table learning_item drop constraint learning_item_state_check;
alter table learning_item add constraint learning_item_state_check
  check (state in ('active', 'review', 'watch', 'reverted', 'rejected', 'retired'));
