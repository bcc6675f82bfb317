-- Who gets notes and who is compared with them. Set on every draft that was sure enough for a note, whether or not it was
-- written in the end: who was to get one counts as having got one.
alter table draft add column arm text check (arm in ('treated', 'held_out'));
create index draft_by_arm on draft (asked_at) where arm is not null;
