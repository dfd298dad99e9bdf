using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Log;

namespace Catalog.Changes;

/// <summary>
/// What of the log a caller may see, as the gate says: who may read a node may read the facts about it; facts about keys, and about
/// whatever is no node, are for administrators. Answers are remembered until <see cref="AskAgainAsync"/>.
/// </summary>
internal sealed class ChangeSight(Gate gate, Caller caller, KeyRing keys)
{
    private const int Remembered = 10_000;

    private readonly Dictionary<string, bool> _answers = new(StringComparer.Ordinal);

    public bool Shows(LogEntry fact)
    {
        if (_answers.TryGetValue(fact.Stream, out var shown))
            return shown;
        if (_answers.Count >= Remembered)
            _answers.Clear();
        return _answers[fact.Stream] = MaySee(fact.Stream);
    }

    /// <summary>Asks anew from here on, after the key was revoked or ran out, or what it allows changed.</summary>
    /// <returns>Why nothing more is to be told; null to go on.</returns>
    public async Task<Problem?> AskAgainAsync(CancellationToken ct)
    {
        _answers.Clear();
        return caller.Identity.KeyId is { } keyId && await keys.StandsAsync(keyId, ct) is { Succeeded: false } closed
            ? closed.Problem
            : gate.Ask(Act.Read, resource: null).Refusal;
    }

    private bool MaySee(string stream) => stream switch
    {
        CatalogState.Stream => gate.Ask(Act.Read, resource: null).Refusal is null,
        _ when NodeId.TryParse(stream, out var node, out _) => gate.Ask(Act.Read, node).Refusal is null,
        _ => gate.Ask(Act.ManageKeys, resource: null).Refusal is null,
    };
}
