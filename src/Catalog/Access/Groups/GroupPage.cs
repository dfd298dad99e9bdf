using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Catalog.Platform.Store;
using JasperFx.Events;

namespace Catalog.Access.Groups;

/// <summary>A group as an administrator sees it now.</summary>
public sealed record GroupPage : IPage<GroupPage>
{
    /// <summary>As it is written where principals are written: <c>group:analysts</c>.</summary>
    [JsonPropertyName("group")]
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Ids of principals, and groups as <c>group:analysts</c>.</summary>
    public ImmutableSortedSet<string> Members { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public bool Dissolved { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public string? CreatedBy { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public long StreamVersion { get; init; }

    public static GroupPage? Fold(GroupPage? page, IEvent fact)
    {
        var next = (page, fact.Data) switch
        {
            (null, GroupCreated f) => new GroupPage
            {
                Id = Group.StreamId(f.Name),
                Name = f.Name,
                Description = f.Description,
                CreatedAt = fact.Timestamp,
                CreatedBy = fact.UserName,
            },
            (null, _) => null,
            (_, GroupMemberAdded f) => page with { Members = page.Members.Add(f.Member) },
            (_, GroupMemberRemoved f) => page with { Members = page.Members.Remove(f.Member) },
            (_, GroupDissolved) => page with { Members = page.Members.Clear(), Dissolved = true },
            _ => page,
        };
        return next is null ? null : next with { UpdatedAt = fact.Timestamp, StreamVersion = fact.Version };
    }
}
