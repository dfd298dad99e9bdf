using Catalog.Platform.Log;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Access.Groups;

/// <summary>All groups as they are now: there are few, and they change seldom.</summary>
internal sealed class GroupReads(IDocumentStore store, States states)
{
    public async Task<GroupNesting> NestingAsync(CancellationToken ct)
    {
        var known = await KnownStreams.FindAsync(store, [GroupNames.Prefix], int.MaxValue, ct);
        var groups = new List<Group>();
        foreach (var row in (await states.LoadAsync(known.Streams, ct)).Values)
        {
            if ((await states.ReadAsync<Group>(row, ct)).State is { } group)
                groups.Add(group);
        }

        return new GroupNesting(groups);
    }
}
