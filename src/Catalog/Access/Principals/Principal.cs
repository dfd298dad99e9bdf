using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Catalog.Platform.Writes;

namespace Catalog.Access.Principals;

/// <summary>
/// What deciding about a principal needs to know of its past. Principals need not be registered to hold keys or to be members of groups;
/// one that is has attributes, and can be disabled.
/// </summary>
public sealed record Principal : IState<Principal>
{
    private const string Prefix = "principal:";

    public required string Id { get; init; }

    public required PrincipalKind Kind { get; init; }

    /// <summary>What policies can ask about: <c>region</c> → <c>eu</c>.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = Sorted([]);

    /// <summary>Whether its keys and tokens open nothing.</summary>
    public bool Disabled { get; init; }

    public static string StreamId(string id) => Prefix + Names.Encode(id);

    /// <summary>The id of the principal whose stream it is; null for another stream.</summary>
    public static string? IdOf(string stream) =>
        stream.StartsWith(Prefix, StringComparison.Ordinal) && Names.TryDecode(stream.AsSpan(Prefix.Length), out var id, out _) ? id : null;

    public static Principal? Fold(Principal? state, object fact) => (state, fact) switch
    {
        (null, PrincipalRegistered f) => new Principal { Id = StreamId(f.Id), Kind = f.Kind, Attributes = Sorted(f.Attributes) },
        (null, _) => null,
        (_, PrincipalAttributesSet f) => state with { Attributes = Sorted(f.Attributes) },
        (_, PrincipalDisabled) => state with { Disabled = true },
        (_, PrincipalEnabled) => state with { Disabled = false },
        _ => state,
    };

    internal static ImmutableSortedDictionary<string, string> Sorted(IEnumerable<KeyValuePair<string, string>> attributes) =>
        attributes.ToImmutableSortedDictionary(StringComparer.Ordinal);
}

/// <summary>What holds for every write to a principal.</summary>
internal static class PrincipalRules
{
    /// <summary>Whether the principal is registered; if not, <paramref name="refusal"/> says so.</summary>
    public static bool Registered([NotNullWhen(true)] Principal? state, string id, [NotNullWhen(false)] out Decision.Refused? refusal)
    {
        refusal = state is null ? Missing(id) : null;
        return refusal is null;
    }

    public static Decision.Refused Missing(string id) =>
        new("principal.not_found", $"The principal '{id}' is not registered; register it first.");

    public static bool HasAttributes(this Principal state, IReadOnlyDictionary<string, string> attributes) =>
        state.Attributes.SequenceEqual(Principal.Sorted(attributes));
}
