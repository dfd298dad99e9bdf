using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using JasperFx.Events;
using Marten;

namespace Catalog.Access;

/// <summary>A key was issued. The secret is random and is not here: only its SHA-256 is, in lower-case hex.</summary>
/// <param name="KeyId">Public part of the key.</param>
/// <param name="Principal">Who acts through it: an opaque id.</param>
/// <param name="Role">What it allows.</param>
/// <param name="SecretHash">SHA-256 of the secret part.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
public sealed record KeyIssued(string KeyId, string Principal, Role Role, string SecretHash, DateTimeOffset? ExpiresAt);

/// <summary>A key was taken back; it opens nothing from here on.</summary>
public sealed record KeyRevoked(string KeyId);

/// <summary>An API key, as authentication needs it.</summary>
public sealed record ApiKey : IState<ApiKey>
{
    public required string Id { get; init; }

    public required string KeyId { get; init; }

    public required string Principal { get; init; }

    public required Role Role { get; init; }

    public required string SecretHash { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public bool Revoked { get; init; }

    public static string StreamId(string keyId) => $"key:{keyId}";

    public static ApiKey? Fold(ApiKey? state, object fact) => (state, fact) switch
    {
        (null, KeyIssued f) => new ApiKey
        {
            Id = StreamId(f.KeyId),
            KeyId = f.KeyId,
            Principal = f.Principal,
            Role = f.Role,
            SecretHash = f.SecretHash,
            ExpiresAt = f.ExpiresAt,
        },
        (not null, KeyRevoked) => state with { Revoked = true },
        _ => state,
    };
}

/// <summary>A key as an administrator sees it.</summary>
public sealed record KeyPage : IPage<KeyPage>
{
    public required string Id { get; init; }

    public required string KeyId { get; init; }

    public required string Principal { get; init; }

    public required Role Role { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public bool Revoked { get; init; }

    public DateTimeOffset IssuedAt { get; init; }

    public string? IssuedBy { get; init; }

    public long StreamVersion { get; init; }

    public static KeyPage? Fold(KeyPage? page, IEvent fact) => (page, fact.Data) switch
    {
        (null, KeyIssued f) => new KeyPage
        {
            Id = ApiKey.StreamId(f.KeyId),
            KeyId = f.KeyId,
            Principal = f.Principal,
            Role = f.Role,
            ExpiresAt = f.ExpiresAt,
            IssuedAt = fact.Timestamp,
            IssuedBy = fact.UserName,
            StreamVersion = fact.Version,
        },
        (not null, KeyRevoked) => page with { Revoked = true, StreamVersion = fact.Version },
        _ => page,
    };
}

/// <summary>
/// What a key is called by people. Kept beside the log, because people put names of people into it, and those must be erasable.
/// </summary>
public sealed record KeyLabel(string Id, string Name);

internal static class KeyLabels
{
    public static SideTable Table { get; } = new(
        $"""
        insert into {CatalogStore.Schema}.mt_doc_key_label (id, data, mt_last_modified, mt_version, mt_dotnet_type)
        select id, jsonb_build_object('id', id, 'name', name), now(), gen_random_uuid(), '{typeof(KeyLabel).FullName}'
        from unnest(?::text[], ?::text[]) as label (id, name) on conflict do nothing
        """,
        typeof(string), typeof(string));

    public static void AddTo(StoreOptions options) => options.Schema.For<KeyLabel>().DocumentAlias("key_label").Identity(l => l.Id);
}

internal static class AccessFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<ApiKey, KeyIssued>("key_issued")
        .Fact<ApiKey, KeyRevoked>("key_revoked")
        .Fact<PolicyStatement, PolicyStatementSet>("policy_statement_set")
        .Fact<PolicyStatement, PolicyStatementWithdrawn>("policy_statement_withdrawn")
        .Fact<Approvals, ApprovalGiven>("approval_given")
        .Fact<Approvals, ApprovalWithdrawn>("approval_withdrawn")
        .Fact<Declassifications, TagDeclassified>("tag_declassified")
        .Fact<Declassifications, TagReclassified>("tag_reclassified");
}
