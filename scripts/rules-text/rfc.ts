/** Further rules of RFC 9420, in the order of its chapters. Lines as {@link parseRules} in rules-text.ts reads them. */
export const rfcRules: string = `
rfc01 | 2.1.1 | An optional value begins with 0 or 1.
rfc02 | 2.1.2 | A length is written in the shortest form that fits.
rfc03 | 2.1.2 | A length prefix with both top bits set is invalid.
rfc04 | 2.1.2 | A vector of 2^30 bytes or more is refused when writing.
rfc05 | 6, 7.2, 7.8, 8.4, 12.4 | A one-byte choice has one of the values that the RFC gives it.
rfc06 | 6, 17.2 | A message of an unknown version or wire format is refused as unsupported.
rfc07 | 17.1 | The mandatory cipher suite is there without asking. | made
rfc08 | 5.1.1, 10, 12.4.2 | A public key has the format of the suite: its length, and a point of the curve.
rfc09 | 5.1, 5.1.3 | A Diffie–Hellman result of zeros ends the HPKE operation. | crypto
rfc10 | 5.1.2 | Every leaf signs with the scheme of the group's suite.
rfc11 | 5.1.2 | ECDSA signatures are DER and EdDSA signatures R then S; nothing else verifies. | crypto
rfc12 | 5.1.2, 17.6 | A signature counts only for the purpose named in its label. | made
rfc13 | 5.1.3, 17.7 | An HPKE ciphertext opens only under its label and context. | made
rfc14 | 5.2 | References are hashes over the whole key package, or the whole authenticated proposal. | made
rfc15 | 5.3 | The first certificate of an X.509 credential holds the leaf's signature key.
rfc16 | 5.3.1 | The application agrees that a new credential may follow a member's old one.
rfc17 | 5.3.1, 12.1.8.1 | The credential of an external sender is validated when the group takes it on.
rfc18 | 5.3.2 | An expired credential can be replaced, and does not spoil messages of before. | app
rfc19 | 5.3.3 | An application_id is a hint that nobody vouches for and several may share. | made
rfc20 | 6, 15 | Application data is always encrypted.
rfc21 | 6 | Handshake messages are encrypted unless the group is set up otherwise. | made
rfc22 | 6, 12.1.8, 12.4.3.2 | Who is not a member sends public messages.
rfc23 | 6, 12.4.2 | A group takes only messages that carry its id.
rfc24 | 6.1 | Content signed for one wire format fails in the other.
rfc25 | 6.1 | The group's context is signed where the sender knows it, and absent where not.
rfc26 | 6.1 | Commits have a confirmation tag, and nothing else has.
rfc27 | 6.1, 12.4.2 | The confirmation tag of a commit is checked before the new epoch begins.
rfc28 | 6.2 | Public messages of members have a membership tag, over content and signature; others have none. | code
rfc29 | 6.3, 6.3.1 | The header of a private message is bound to its content. | code
rfc30 | 6.3.2 | Sender data opens only with the header and the ciphertext it was made for. | code
rfc31 | 6.3.1 | The reuse guard changes the nonce and travels with the sender data. | code
rfc32 | 6.3.1, 9.1 | After a restart, sending goes on where it had stopped. | made
rfc33 | 6.3.1, 15.2 | A key encrypts no more than its AEAD can bear.
rfc34 | 6.1, 6.2, 6.3 | Content has effect only after all that protects it has been checked. | made
rfc35 | 6.3, 12.4.2, 15.3 | Handshakes belong to the present epoch; application messages may be of a kept one.
rfc36 | 7.1 | Unmerged leaves are listed in rising order, each once.
rfc37 | 7.2 | Our leaves do not list what everybody supports anyway.
rfc38 | 7.2, 7.3, 11.1 | A leaf lists the version and the cipher suite that the group uses.
rfc39 | 7.2, 13.4 | Unknown values among capabilities do no harm. | made
rfc40 | 7.2 | A lifetime is no longer than the maximum that is set.
rfc41 | 7.2 | A changed leaf is a newly signed leaf. | made
rfc42 | 7.4, 7.5 | A commit with a path has fresh keys from leaf to root, and blanks where nobody needs one. | made
rfc43 | 7.5, 12.1.2, 13.4 | A path's leaf satisfies all that an Update's leaf must. | parts
rfc44 | 7.5, 7.6 | A path has one node for each of the committer's filtered direct path.
rfc45 | 7.5, 4.1.2 | Newcomers count when the path is filtered, though it tells them nothing. | made
rfc46 | 7.5, 16.12 | The secrets of a path make the public keys that the path shows.
rfc47 | 7.6 | Path secrets are sealed for the context of the epoch to come. | code
rfc48 | 7.5, 9.2 | An applied path leaves no trace of its secrets or the keys it replaced. | made
rfc49 | 7.7, 12.1.3 | After removals the tree is as small as its last member allows. | made
rfc50 | 7.7, 12.1.1 | An Add takes the first free leaf and is unmerged at the occupied nodes above. | made
rfc51 | 7.8 | Tree hashes tell blanks from nodes, and one leaf's place from another's. | made
rfc52 | 7.9.2 | The committer's leaf holds the parent hash that its receivers compute.
rfc53 | 7.9, 7.9.2 | One chain of parent hashes, not two, accounts for each occupied parent.
rfc54 | 16.7 | No key serves two purposes in a tree: signing and encrypting keys differ.
rfc55 | 8.1, 12 | Epochs count up by one, and the last possible one is the end.
rfc56 | 8.2, 12.4.1 | Transcript hashes run through all commits, their signatures and tags. | made
rfc57 | 8.3, 12.4.3.2 | After a commit from outside both sides begin with the secret that it exported. | code
rfc58 | 8.4, 12.4.1, 12.1.4 | Pre-shared keys enter in the order of the commit, which the Welcome repeats. | made
rfc59 | 8.4, 12.1.4, 11.3 | Each use of a pre-shared key has a nonce of its own. | made
rfc60 | 8.4 | An epoch mixes in at most 65535 pre-shared keys.
rfc61 | 8.5 | An export has the length asked for, or is refused.
rfc62 | 8.6 | Resumption PSKs are kept for as many epochs as is set. | code
rfc63 | 8.7 | An epoch's authenticator is the same for its members, and for nobody else. | made
rfc64 | 9.1 | A message key encrypts once.
rfc65 | 9.1 | A message opens once.
rfc66 | 9.2 | Keys that were used, and all they came from, are gone.
rfc67 | 9.2, 8, 12.4.1 | The secrets between two epochs are erased when the new one stands. | made
rfc68 | 9.2, 15.3 | Keys kept for late messages are few, and end with their epoch. | code
rfc69 | 15.3 | One message moves a ratchet by a limited number of steps.
rfc70 | 10 | Each key package has key pairs of its own. | made
rfc71 | 10, 16.8 | Joining uses a key package up, unless it is a last resort. | made
rfc72 | 10, 13.4 | Our key packages list the extensions they carry; unknown ones of others are ignored.
rfc73 | 11 | A creator picks the best version and suite that all first members share.
rfc74 | 11 | A group id that we make is random and long enough. | made
rfc75 | 11, 8.2 | A new group has one member, epoch 0 and a random secret. | made
rfc76 | 11.1, 7.2 | Requiring a default proposal or extension asks nothing of anybody; credential types have no default. | parts
rfc77 | 11.2, 12.4.1 | The successor of a group is made as its ReInit said, from all its members. | parts
rfc78 | 11.2, 12.4.2 | After its ReInit a group is read-only.
rfc79 | 11.2, 11.3 | A PSK of usage reinit or branch begins a group; it has no other use. | parts
rfc80 | 11.3 | A branch begins with a fresh branch PSK and keeps version, suite and people. | parts
rfc81 | 12.1 | Proposals end with the epoch they were made in.
rfc82 | 12.1, 12.4 | A commit that refers to an unknown proposal waits for it.
rfc83 | 12.1.6 | An ExternalInit is never sent by itself.
rfc84 | 12.1.7 | New group extensions replace all old ones. | made
rfc85 | 12.1.7, 13.4 | Everybody supports the extensions that the group takes on.
rfc86 | 12.1.8, 12.1.8.1, 6.1 | An external sender is one that the group's external_senders list.
rfc87 | 12.1.8, 17.4 | An external sender can propose all five types allowed to it. | made
rfc88 | 12.1.8 | A proposal from outside counts only once the application has taken it in. | app
rfc89 | 12.2, 12.4.1 | Whoever commits checks first what its receivers will check. | parts
rfc90 | 12.2 | The application's rules may forbid a commit, and can permit none that the RFC forbids.
rfc91 | 12.3 | Proposals take effect in the RFC's order, not that of the list. | made
rfc92 | 12.3, 12.1.7 | A commit's proposals are judged by the extensions that it brings. | parts
rfc93 | 12.4 | Proposals that wait are committed before application data is sent.
rfc94 | 12.4 | Committers include the proposals they know; nobody refuses a commit for leaving some out. | made
rfc95 | 12.4, 17.4 | Only types known to need no path go without one. | parts
rfc96 | 12.4 | Without a path, the commit secret is zeros. | made
rfc97 | 12.4.1 | A commit is signed for the old epoch and its GroupInfo for the new. | made
rfc98 | 12.4.1 | Each newcomer finds one entry in the Welcome, with a path secret if there was a path. | made
rfc99 | 12.4.2, 14 | A commit changes nothing until all of it is checked. | made
rfc100 | 12.4.2 | Who was removed is told so, and has the group no more.
rfc101 | 12.4.3, 13.4 | A GroupInfo may carry extensions that the reader does not know. | made
rfc102 | 12.4.3, 13.4 | Who joins supports the extensions of the group.
rfc103 | 12.4.3.1 | A Welcome is for one of our key packages.
rfc104 | 12.4.3.1, 5.1.3 | Group secrets open only in the Welcome they were sealed for. | code
rfc105 | 12.4.3.1 | The joiner finds the very leaf of its key package in the tree.
rfc106 | 12.4.3.1 | The path secret of a Welcome fits the tree, up to the root.
rfc107 | 12.4.3.1, 12.4.3.3 | Nobody joins without a tree, from the message or from elsewhere.
rfc108 | 12.4.3.2 | An external join needs a checked GroupInfo with an external_pub.
rfc109 | 12.4.3.2 | A group can close its door to commits from outside.
rfc110 | 12.4.3.3 | The last node of a ratchet_tree is occupied.
rfc111 | 12.4.3.3 | In a ratchet_tree leaves and parents alternate, a leaf at either end.
rfc112 | 12.4.3.3 | A tree is used once its hash is the expected one, whoever sent it.
rfc113 | 13.4 | What a key package promises, its client keeps.
rfc114 | 13.4 | No list of extensions has a type twice.
rfc115 | 13.4 | A leaf in a group lists the group's extensions as supported.
rfc116 | 13.5 | Our leaves, key packages and GroupInfos carry GREASE. | made
rfc117 | 13.5 | GREASE is not sent where an unknown value would have to be refused.
rfc118 | 13.5 | GREASE of others is treated as any unknown value. | made
rfc119 | 13.5 | GREASE makes nothing look supported. | made
rfc120 | 14 | Making a commit does not apply it. | made
rfc121 | 14 | A Welcome waits until its commit is accepted. | made
rfc122 | 14 | Of rival commits one is applied, and the rest are let go.
rfc123 | 15.1 | The sender chooses the padding. | made
rfc124 | 15.2 | After a merge, application data is of the new epoch. | made
rfc125 | 16.12 | A refused commit says what was wrong, well enough to choose a way back. | made
`;
