// Rules of drafts, by the packages that bring them: tm… of draft-ietf-mls-targeted-messages, the others of draft-ietf-mls-extensions.
export const draftRules: string = `
tm02 | - | A targeted message is opened by the member it is for.
tm03 | - | The sender of a targeted message is a member.
tm04 | - | The signature of a targeted message verifies, which is seen before its content is opened.
tm05 | - | The padding of a targeted message is zero.
tm08 | - | A targeted message goes to another member of the group.
xa01 | - | An AppEphemeral is of a component that the application knows, with data that it takes.
xa04 | - | A range of an AppAck does not end before it begins.
xd01 | - | The components of an application data dictionary ascend, none twice.
xd02 | - | Who commits or joins sees to it that all members know the group's required components.
xd04 | - | An AppDataUpdate updates or removes, and of a component that the application knows.
xd05 | - | For one component a commit has one removal, or updates.
xd06 | - | What an AppDataUpdate removes is there.
xd08 | - | The application takes the updates of its component.
xe02 | - | The safe exporter gives a component's secret out once in an epoch.
xl01 | - | The mark of a last-resort key package has no data. | parts
xl02 | - | The private keys of a key package with the mark stay after a join, those of others go. | made
xl05 | - | Who carries the mark lists its extension type among the capabilities. | made
xs01 | - | A SelfRemove is sent only where all members list its type. | parts
xs02 | - | A SelfRemove is a public message, also in groups that encrypt handshakes. | parts
xs03 | - | A member sends one SelfRemove in an epoch.
xs04 | - | A SelfRemove is from a member.
xs05 | - | A SelfRemove stands in a commit by reference only. | parts
xs06 | - | Whoever commits takes in all SelfRemoves that wait. | made
xs07 | - | A SelfRemove is not committed by the member who sent it. | parts
xs08 | - | For one leaf a SelfRemove goes before a Remove and an Update, and stands once.
xs09 | - | A SelfRemove is applied after Updates and before Removes, and its commit has a path. | made
xs10 | - | Who left by SelfRemove can process the commit, and learns that it was the own wish. | made
xs11 | - | An external commit may name SelfRemoves, and no other proposals. | parts
xs12 | - | Who joins from outside verifies the SelfRemoves that wait, but for their tags, and names them all. | made
xs13 | - | Who joins from outside takes the leftmost leaf that is blank after Removes and SelfRemoves. | made
xm01 | - | A list of media types has one or more.
xm03 | - | Who commits or joins sees to it that all members receive the group's required media types.
xq01 | - | The items of Safe AAD ascend by component, none twice.
xq05 | - | Who commits or joins sees to it that all members know the group's required Safe AAD components.
xt01 | - | Every member supports all bindings of a multi-credential, which has one or more.
xt02 | - | Every member supports a binding of a weak multi-credential.
xw01 | - | Every member reads the group's required wire formats.
`;
