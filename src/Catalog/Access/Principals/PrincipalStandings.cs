using Catalog.Platform;

namespace Catalog.Access.Principals;

/// <summary>
/// Who is shut out, whatever their keys and tokens: remembered as keys are (<see cref="Remembrance{T}"/>). Whoever is not registered is not
/// shut out.
/// </summary>
/// <param name="load">Reads a principal from the database; null when it is not registered.</param>
/// <param name="clock">Tells how old a memory is.</param>
/// <param name="outlive">For how long standings are good without the database; null for <see cref="KeyRing.Outlived"/>.</param>
internal sealed class PrincipalStandings(
    Func<string, CancellationToken, Task<Principal?>> load, TimeProvider clock, TimeSpan? outlive = null)
{
    private static readonly Standing s_good = new(Disabled: false);
    private static readonly Standing s_shutOut = new(Disabled: true);

    private readonly Remembrance<Standing> _standings =
        new(async (id, ct) => Of(await load(id, ct)), clock, outlive ?? KeyRing.Outlived);

    /// <summary>Why the principal is not let in; null when it is.</summary>
    public async ValueTask<Problem?> RefusalAsync(string principal, CancellationToken ct)
    {
        var (standing, problem) = await _standings.FindAsync(principal, ct);
        return problem ?? (standing is { Disabled: true }
            ? Problem.Of("access.principal_disabled", "An administrator has shut this principal out; ask one to let it in again.")
            : null);
    }

    /// <summary>Forgets a principal, after it changed.</summary>
    public void Forget(string principal) => _standings.Forget(principal);

    /// <inheritdoc cref="Remembrance{T}.Changes"/>
    public long Changes => _standings.Changes;

    /// <inheritdoc cref="Remembrance{T}.Note"/>
    /// <param name="principals">By id; null where one is not registered.</param>
    public bool Note(IEnumerable<KeyValuePair<string, Principal?>> principals, long read) =>
        _standings.Note([.. principals.Select(p => KeyValuePair.Create(p.Key, Of(p.Value)))], read);

    /// <inheritdoc cref="Remembrance{T}.Confirm"/>
    public void Confirm() => _standings.Confirm();

    private static Standing Of(Principal? principal) => principal is { Disabled: true } ? s_shutOut : s_good;

    private sealed record Standing(bool Disabled);
}
