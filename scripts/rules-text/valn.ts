/** Rules numbered like the validation checks of OpenMLS. Lines as {@link parseRules} in rules-text.ts reads them. */
export const valnRules: string = `
valn0101 | 5.3.1, 7.3 | A credential not seen before is put to the validator with its signature key, and without a yes nothing happens.
valn0102 | 7.2, 7.3 | A leaf is signed by its own key; one made inside a group is signed for that group and place.
valn0103 | 7.3, 11.1 | A leaf supports everything that the group's required_capabilities ask for.
valn0104 | 7.3, 13.3 | Members support each other's credential types: the newcomer theirs, they the newcomer's.
valn0105 | 7.3 | We send no key package leaf before its lifetime begins or after it ends.
valn0106 | 7.3 | A lifetime is judged by whoever adds; a leaf of others outside of it is refused where no group is at stake yet.
valn0107 | 7.2, 7.3 | A leaf that carries a non-default extension lists its type among its capabilities.
valn0108 | 7.3, 10 | The leaf of a key package says that it comes from one.
valn0109 | 7.3, 12.1.2 | An Update's leaf says that it is an update, and brings another encryption key.
valn0110 | 7.3, 12.4.2 | The leaf of a commit's path says that it comes from a commit.
valn0111 | 7.3, 16.7 | Each member has a signature key of its own.
valn0112 | 7.3, 16.7 | Each member has an encryption key of its own.
valn0113 | 7.2 | A leaf lists the type of its own credential as supported.
valn0201 | 10.1 | A key package fits the group it is added to, in protocol version and in cipher suite.
valn0202 | 10.1, 7.3 | The leaf of a key package obeys the rules for leaves. | parts
valn0203 | 10, 10.1 | A key package is signed by the key in its leaf.
valn0204 | 10.1 | The init key of a key package is not the encryption key of its leaf.
valn0205 | 10 | A key package and the message around it agree on the protocol version.
valn0301 | 12.1, 12.2 | Every proposal of a commit is good by itself.
valn0302 | 12.2 | Nobody commits an Update of their own.
valn0303 | 12.2 | Nobody removes themselves by their own commit.
valn0304 | 12.2 | A leaf is updated or removed once in a commit, not twice and not both.
valn0305 | 12.2 | The same client is added once in a commit.
valn0306 | 12.2 | A client that is a member is added only by a commit that removes its old leaf.
valn0307 | 12.2 | A commit names each pre-shared key, nonce included, once.
valn0308 | 12.2 | A commit replaces the group's extensions at most once.
valn0309 | 12.2 | A ReInit has a commit to itself.
valn0310 | 12.2, 12.1.6 | Members do not commit an ExternalInit.
valn0311 | 12.2, 13.2 | Proposals of types outside the RFC are committed only if all who stay understand them.
valn0312 | 12.2, 7.3 | The tree after a commit is a valid tree, judged before it counts. | parts
valn0401 | 12.2 | Who commits from outside includes one ExternalInit, no more and no less.
valn0402 | 12.2, 12.1.2, 5.3.1 | A commit from outside removes nobody but an earlier self of the one who joins.
valn0403 | 12.2 | A commit from outside may bring pre-shared keys, as many as it likes. | made
valn0404 | 12.2 | A commit from outside has no proposals beyond ExternalInit, one Remove and pre-shared keys.
valn0405 | 12.4.3.2 | A commit from outside has a path, from the first leaf that is free once its Remove is done.
valn0406 | 12.4.3.2 | A commit from outside holds its proposals itself; it refers to none.
valn0407 | 12.4.3.2, 6.1 | A commit from outside is signed by the key of the leaf that it brings.
valn0408 | 12.4.3.2, 6.1 | A sender of type new_member_commit sends commits and nothing else.
valn0501 | 12.1.1, 10.1 | An Add stands or falls with its key package. | parts
valn0601 | 12.1.2, 7.3 | An Update is from a member, and its leaf can follow the one it replaces.
valn0701 | 12.1.3 | A Remove names a leaf where somebody is.
valn0801 | 12.1.4, 11.2 | A pre-shared key of usage reinit begins the successor of a group, and serves nowhere else.
valn0802 | 12.1.4, 11.3 | A pre-shared key of usage branch begins a branched group, and serves nowhere else.
valn0803 | 12.1.4, 8.4 | The nonce of a pre-shared key is as long as the output of the suite's KDF.
valn0901 | 12.1.5 | A ReInit never leads to an older protocol version.
valn1001 | 12.1.7, 11.1 | New required capabilities are met by everybody in the group that the commit makes.
valn1101 | 7.6, 7.5 | Each node of a path has one ciphertext for each node that must learn it, newcomers aside.
valn1201 | 12.4.2 | A commit is for the present epoch. | code
valn1202 | 12.4.2, 6.2 | A member's public commit bears a membership tag made in this epoch.
valn1203 | 12.4.2, 6.1 | A commit is signed, by the key that belongs to its kind of sender.
valn1204 | 12.4.2, 12.2 | A receiver judges a commit's proposals as its sender has to. | parts
valn1205 | 12.4.2, 8.4 | All pre-shared keys of a commit are at hand before it is applied.
valn1206 | 12.4.2, 12.4 | A commit has a path if its proposals ask for one, and an empty one always has.
valn1207 | 12.4.2, 7.3 | The leaf of a path obeys the rules for leaves. | parts
valn1208 | 12.4.2 | A path brings the committer another leaf key than before.
valn1209 | 12.4.2, 16.7 | The public keys of a path are new to the tree, and all different.
valn1301 | 6.1 | Who the sender is decides which key must verify the signature.
valn1302 | 6.2 | A public message is taken only after its signature and, from members, its membership tag.
valn1303 | 6.3.1 | The padding of a private message is all zeros. | code
valn1304 | 6.3.1 | What was decrypted is handed on only after its signature has verified.
valn1305 | 6.3.2 | A private message is from a member: nobody else has sender data.
valn1306 | 6.3.2 | The sender data of a private message points to an occupied leaf of its epoch.
valn1307 | 12.1, 6.1 | A proposal is kept for later only if it is genuine and of this epoch. | parts
valn1401 | 12.4.3.1, 8.4 | Whoever joins holds the pre-shared keys of the Welcome, of which one at most links to an earlier group.
valn1402 | 12.4.3.1, 12.4.3 | A GroupInfo is signed by a member of the tree that it describes.
valn1403 | 12.4.3.1, 12.4.3 | Nobody joins a group under an id that they have a group of already.
valn1404 | 12.4.3.1 | A Welcome, its group and the key package it answers agree on the cipher suite.
valn1405 | 12.4.3.1, 12.4.3.3 | The tree that a joiner is given has the hash that the group's context says.
valn1406 | 12.4.3.1, 7.9.2 | Parent hashes lead from each occupied parent down to a leaf.
valn1407 | 12.4.3.1, 7.3 | Each leaf of a tree from outside obeys the rules for its source. | parts
valn1408 | 12.4.3.1 | An unmerged leaf is an occupied one below the node that lists it.
valn1409 | 12.4.3.1 | What is unmerged at a node is unmerged at the occupied nodes between it and the leaf.
valn1410 | 12.4.3.1, 16.7 | No two nodes of a tree share an encryption key.
valn1411 | 12.4.3.1, 6.1 | The confirmation tag of a GroupInfo is what the joiner computes from its secrets.
valn1412 | 12.4.3.1, 11.2, 11.3 | A group that continues another one is joined in its epoch 1.
valn1413 | 12.4.3.1, 11.2 | A group after a ReInit is what that ReInit said, and has all members of the old one.
valn1414 | 12.4.3.1, 11.3 | A branched group keeps version and suite, and takes in members of the old group alone.
valn1501 | 6.1 | An external sender sends proposals only.
valn1502 | 6.1, 12.1.8, 17.4 | An external sender proposes only what the registry lets outsiders propose.
valn1503 | 6.1 | A new_member_proposal sender sends proposals only.
valn1504 | 6.1, 12.1.8 | A new_member_proposal sender proposes an Add, its own.
valn1601 | 17.3, 5.3.3 | An extension of the RFC stands in a leaf only if it belongs there: application_id.
valn1602 | 17.3, 12.4.3 | An extension of the RFC stands in a GroupInfo only if it belongs there: ratchet_tree, external_pub.
valn1603 | 17.3 | An extension of the RFC stands in a GroupContext only if it belongs there: required_capabilities, external_senders.
valn1604 | 17.3, 10 | No extension of the RFC stands in a key package itself.
`;
