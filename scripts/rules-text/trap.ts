/** Traps: what implementations get wrong although no sentence of the RFC forbids it by name. Lines as in rules-text.ts. */
export const trapRules: string = `
trap01 | 2.1.2 | A length is held against what is left before memory is taken, so cost follows the size of the input.
trap02 | 6, 7.1, 7.2, 8.1, 12.1.3, 12.4.3 | Integers of 32 and 64 bits keep their value, and no sum over the tree wraps. | made
trap03 | 15.3, 9.1 | A generation that the sender picked never buys unbounded work, in one jump or many. | code
trap04 | 6.1, 12.1.8, 12.4 | Any mixture of sender, content and missing parts ends in a typed error. | parts
trap05 | 2.1, 2.1.1 | Input that ends early is an error, wherever it ends.
trap06 | 2.1.2 | A length prefix grows exactly where its shorter form is full. | made
trap07 | 2.1, 17.3 | Nothing follows a complete structure, and what was accepted encodes to the same bytes.
trap08 | 2.1 | Decoding a part of a larger buffer reads that part, and keeps copies. | made
trap09 | 13.4 | No list that we build has an extension type twice. | made
trap10 | 12.4.3.3, 7.7 | A tree that is too large is refused before it is hashed.
trap11 | 6.1, 6.2, 12.4.3.1 | Tags are compared whole and in constant time; part of a tag is no tag. | made
trap12 | 7.9.2 | Blank ancestors and empty parent hashes prove nothing about an occupied parent. | parts
trap13 | 7.9, 7.9.2 | A tree that grew honestly always validates, later additions included. | made
trap14 | 7.9.2 | A parent is covered by one child's chain, and by one that leaves no stranger below it. | parts
trap15 | 7.3, 16.7 | Indexes over the tree say what the tree says after every change. | made
trap16 | 7.8 | A cached tree hash is the one that a fresh computation gives. | made
trap17 | 7.5, 7.6 | A receiver counts ciphertexts without the newcomers of the same commit. | made
trap18 | 7.3 | Validating a tree takes time linear in its size. | made
trap19 | 12.3, 12.1.3, 7.7 | Removals commute, and cutting the tree loses no place that an Add of the commit needs. | made
trap20 | 12.2, 12.4.3.2, 5.3.1 | Who resyncs presents the very credential of the leaf removed, unless the application accepts another.
trap21 | 12.4.3.2, 12.4.2 | Both sides give an external joiner the first free leaf, which need not be the removed one. | made
trap22 | 8, 12.4.3.2 | The external_pub of a GroupInfo belongs to the epoch it describes. | made
trap23 | 14, 8.3 | Another's commit is followed although one of ours is pending. | made
trap24 | 12.4.1 | A new signature key comes with a path, and signs what speaks of the new epoch. | made
trap25 | 12.4.3.1, 12.4.3.2 | A Welcome gives no means for external joins unless asked to. | made
trap26 | 6.3.1 | Each message has a reuse guard from the random generator. | made
trap27 | 9.2, 9.1 | A ratchet's step is stored before its message is handed over. | made
trap28 | 9.2, 6.3.1 | A message that does not open costs no key; one that opened costs its own at most. | made
trap29 | 6.1, 6.3.2 | A late message is attributed by the tree of its epoch. | made
trap30 | 12.4.2, 14 | Our own message coming back is recognised and not applied again.
trap31 | 9, 6.3.2 | The secret tree derives only what is needed, for any shape of the tree. | made
trap32 | 2, 9.2 | Nothing that prints shows a secret. | made
trap33 | 9.2, 7.5 | Whatever uses a secret up wipes it. | made
trap34 | 5.1, 5.1.3, 8.3 | The primitives of each crypto provider refuse hostile input. | crypto
trap35 | 8, 8.5 | Lengths of two bytes in labels are written as two bytes. | made
trap36 | 6.3, 15.3 | A ciphertext is opened with keys of the epoch it names, or not at all. | code
trap37 | 12.4.1, 12.4.2 | The commit secret is one step beyond the path secret of the root. | made
trap38 | 12.4.1, 6.1, 12.3 | A commit is signed over the context as it was, whatever it changes. | made
trap39 | 7.5, 7.9 | The parent hashes of a path are computed from the top, over siblings that the proposals left. | made
trap40 | 10.1, 12.1.5 | A rule with two conditions refuses if either fails. | parts
trap41 | 12.4.2 | A member on the way out still checks what it can of the commit that removes it. | parts
trap42 | 8.4 | A resumption PSK is found by group and epoch, never by one of them. | code
trap43 | 8.4, 12.4.1 | The PSKs of a commit enter in its order, and those left out leave no mark. | made
trap44 | 12.1.7 | A change of extensions shows what it drops, so that rules can see it.
trap45 | 5.3, 5.3.1 | No credential is believed by default. | made
trap46 | 5.3, 5.3.1 | A certificate chain is checked in full, at a given time, down to the leaf's key.
trap47 | 12.2 | The application's rules say the same about a commit to everybody. | made
trap48 | 7.3, 10.1 | A lifetime matters when a leaf is added, and never keeps newcomers out of an old group. | parts
trap49 | - | A store that fails is not a store that is empty. | code
trap50 | 14 | An operation is one write, and tells the application only after it. | made
trap51 | - | Stored state says its version; an unknown one is refused by name. | code
trap52 | 9.1, 14 | When two handles share a stored group, the second to write is refused. | code
trap53 | 9.1 | Calls on a group wait for each other, and a key is taken in one step. | made
trap54 | 14 | Nothing is committed that nobody asked for. | made
trap55 | 10.1, 12.2 | Key packages that cannot be added are named, each with its reason, before a commit is made. | code
trap56 | 12.4.3.1, 16.8 | A join that fails leaves the key package usable. | made
trap57 | - | No module holds a provider or a setting: objects do. | made
trap58 | 6.1, 5.1.2 | A signature is good if the verifier says true, and by no other truthy answer. | made
trap59 | 12.2, 12.4.2 | A refused rule is told by its id, and failures about secrets all look alike. | made
`;
