using Catalog.Platform;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// A bundle of tables under one name. There is one so far, of everything that the gate lets its caller see; bundles that are granted to
/// somebody will stand beside it.
/// </summary>
/// <param name="Name">As clients write it, in any case.</param>
internal sealed record Share(string Name)
{
    public static IReadOnlyList<Share> All { get; } = [new("catalog")];

    /// <exception cref="Catalog.Platform.Http.ProblemException">There is none of this name.</exception>
    public static Share Demand(string name) =>
        All.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new Catalog.Platform.Http.ProblemException(Problem.Of("request.not_found", $"There is no share '{name}'."));
}
