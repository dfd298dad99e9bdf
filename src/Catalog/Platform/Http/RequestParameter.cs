namespace Catalog.Platform.Http;

/// <summary>
/// A parameter that a bound type or a route reads by itself, where the framework cannot see it. Metadata of the route, from which the
/// description of the API is made.
/// </summary>
/// <param name="Name">As it is written in the request.</param>
/// <param name="Place">Where it is written.</param>
/// <param name="Description">What it does.</param>
public sealed record RequestParameter(string Name, ParameterPlace Place, string Description)
{
    /// <summary>Bounds of a whole number; null for text.</summary>
    public (long Min, long Max)? Range { get; init; }

    /// <summary>What holds when the parameter is left out.</summary>
    public string? Default { get; init; }

    /// <summary>The words it may be; null for any text.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>Whether the request is refused without it. What is in the path always is there.</summary>
    public bool Required { get; init; }

    /// <summary>Has what is read counted for a run.</summary>
    public static RequestParameter Run { get; } = new(
        "Catalog-Run", ParameterPlace.Header, "The id of the run that data is read for; usage is summed by it.");

    /// <summary>Makes a read wait until it includes a write.</summary>
    public static RequestParameter AtLeast { get; } = new(
        "atLeast", ParameterPlace.Query, "A log position that the answer must include; the request waits for it, up to five seconds.")
    {
        Range = (0, long.MaxValue),
    };
}

public enum ParameterPlace
{
    Path,
    Query,
    Header,
}
