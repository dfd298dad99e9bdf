using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Training;
using Microsoft.AspNetCore.Http;

namespace Catalog.Columns;

/// <summary>In which order rows are read for training, and which part of an epoch.</summary>
/// <param name="Seed">Of the shuffle; null for the version's own order.</param>
/// <param name="Epoch">From 0; null for that of the token, or 0.</param>
/// <param name="Uneven">What is done with rows that are left over when an epoch is dealt to shards.</param>
/// <param name="Lanes">Part of the order; null for what suits the files.</param>
/// <param name="WindowRows">Part of the order; null for what suits the files.</param>
/// <param name="Token">Where to go on; null to begin with the epoch.</param>
public sealed record TrainingQuestion(
    long? Seed = null, int? Epoch = null, Uneven Uneven = Uneven.Keep, int? Lanes = null, int? WindowRows = null, ReadToken? Token = null)
{
    /// <summary>What of it is part of a question; null where none is, and row groups are dealt in the version's order.</summary>
    /// <exception cref="ProblemException">A number is out of range, or is said twice and differently.</exception>
    public static TrainingQuestion? Of(
        long? seed, int? epoch, Uneven? uneven, int? lanes, int? windowRows, string? token)
    {
        if (seed is null && epoch is null && uneven is null && lanes is null && windowRows is null && token is null)
            return null;

        var place = token is null ? null : ReadToken.TryParse(token) ?? throw Wrong(
            "token", "'token' must be one that a training read gave: 32 hexadecimal digits, epoch and position, separated by dots.");
        InRange("epoch", epoch, 0, int.MaxValue);
        InRange("lanes", lanes, 1, OrderShape.MaxLanes);
        InRange("windowRows", windowRows, 1, OrderShape.MaxWindowRows);
        if (seed is null && (lanes is not null || windowRows is not null))
            throw Wrong("seed", "'lanes' and 'windowRows' lay out a shuffle, which needs a 'seed'.");
        if (place is not null && epoch is not null && epoch != place.Epoch)
            throw Wrong("epoch", $"'epoch' is {epoch}, and the token is of epoch {place.Epoch}: leave 'epoch' out to go on with a token.");
        return new(seed, epoch, uneven ?? Uneven.Keep, lanes, windowRows, place);
    }

    internal static IEnumerable<RequestParameter> Parameters { get; } =
    [
        new("seed", ParameterPlace.Query, "Shuffles the rows; the same seed gives the same order whatever the number of shards.")
        {
            Range = (long.MinValue, long.MaxValue),
        },
        new("epoch", ParameterPlace.Query, "Which epoch, from 0: each has an order of its own.") { Range = (0, int.MaxValue) },
        new("uneven", ParameterPlace.Query, "What is done with rows that are left over when an epoch is dealt to shards.")
        {
            Words = QueryWords.Of<Uneven>(),
        },
        new("lanes", ParameterPlace.Query, "Of how many lanes rows are taken in turns; part of the order.")
        {
            Range = (1, OrderShape.MaxLanes),
        },
        new("windowRows", ParameterPlace.Query, "How many rows of a lane are shuffled together; part of the order.")
        {
            Range = (1, OrderShape.MaxWindowRows),
        },
        new("token", ParameterPlace.Query, "Where to go on in an epoch, with any number of shards."),
    ];

    internal static TrainingQuestion? Read(IQueryCollection query) => Of(
        Number(query, "seed", long.MinValue, long.MaxValue),
        (int?)Number(query, "epoch", 0, int.MaxValue),
        QueryWords.One<Uneven>(query, "uneven"),
        (int?)Number(query, "lanes", 1, OrderShape.MaxLanes),
        (int?)Number(query, "windowRows", 1, OrderShape.MaxWindowRows),
        QueryWords.Text(query, "token"));

    private static long? Number(IQueryCollection query, string field, long min, long max) =>
        query.ContainsKey(field) ? PageRequest.Number(query, field, 0L, min, max) : null;

    private static void InRange(string field, int? number, int min, int max)
    {
        if (number < min || number > max)
            throw Wrong(field, $"'{field}' must be a whole number from {min} to {max}.");
    }

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}
