import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passwordVerifier, scramVerifier } from './password-verifier.ts';

test('SCRAM: the exchange of RFC 7677, section 3', () => {
  assert.equal(
    scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096),
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

test('as the server stores passwords, or not at all', () => {
  assert.match(passwordVerifier('scram-sha-256', 'user', 'pencil') ?? '', /^SCRAM-SHA-256\$4096:[^$]{24}\$[^:]{44}:.{44}$/);
  assert.notEqual(
    passwordVerifier('scram-sha-256', 'user', 'pencil'),
    passwordVerifier('scram-sha-256', 'user', 'pencil'),
    'salted',
  );
  // printf penciluser | md5sum
  assert.equal(passwordVerifier('md5', 'user', 'pencil'), 'md520c46e3762c864548e296b33c3406aa9');
  assert.equal(passwordVerifier('scram-sha-256', 'user', 'Bleistift für alle'), undefined, 'SASLprep is the server’s');
  assert.equal(passwordVerifier('something-new', 'user', 'pencil'), undefined);
});
