using Catalog.Access.Policies;
using Catalog.Platform.Writes;

namespace Catalog.Access;

/// <summary>A statement of policy is this from here on; every one before it stays in the log.</summary>
public sealed record PolicyStatementSet(Statement Statement);

/// <summary>A statement of policy counts no more.</summary>
public sealed record PolicyStatementWithdrawn(string Id);

/// <summary>A statement, as deciding on it needs it.</summary>
public sealed record PolicyStatement : IState<PolicyStatement>
{
    private const string Prefix = "policy:";

    public required string Id { get; init; }

    /// <summary>What it says; null once it was withdrawn.</summary>
    public Statement? Current { get; init; }

    public static string StreamId(string id) => Prefix + id;

    public static PolicyStatement? Fold(PolicyStatement? state, object fact) => (state, fact) switch
    {
        (_, PolicyStatementSet f) => new PolicyStatement { Id = StreamId(f.Statement.Id), Current = f.Statement },
        (not null, PolicyStatementWithdrawn) => state with { Current = null },
        _ => state,
    };
}
