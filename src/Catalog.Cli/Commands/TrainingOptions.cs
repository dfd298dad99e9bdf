using System.CommandLine;
using System.CommandLine.Parsing;
using Catalog.Sdk;
using Catalog.Training;

namespace Catalog.Cli.Commands;

/// <summary>Options of reading an epoch: with any of them, rows are dealt to shards one by one.</summary>
internal sealed class TrainingOptions
{
    private const int BatchRows = 8_192;

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Shuffles the rows: the same seed, the same order",
        HelpName = "number",
    };

    private readonly Option<int?> _epoch =
        new Option<int?>("--epoch") { Description = "Which epoch, from 0: each has its own order", HelpName = "number" }.AtLeast(0);

    private readonly Option<Uneven?> _uneven = new("--uneven")
    {
        Description = "What is done with rows left over between shards: keep (unless told), pad or drop",
        HelpName = "way",
    };

    private readonly Option<ReadToken?> _token = new("--token")
    {
        Description = "Where to go on, as an earlier read said",
        HelpName = "token",
        CustomParser = ReadToken,
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_seed, _epoch, _uneven, _token])
            command.Options.Add(option);
    }

    /// <summary>Null where none of the options is given.</summary>
    /// <param name="call">With the options.</param>
    /// <param name="query">With everything else.</param>
    public TrainingQuery? Of(Call call, ColumnQuery query)
    {
        var (seed, epoch, uneven, token) = (call.Value(_seed), call.Value(_epoch), call.Value(_uneven), call.Value(_token));
        return seed is null && epoch is null && uneven is null && token is null
            ? null
            : new TrainingQuery
            {
                Columns = query.Columns,
                Filter = query.Filter,
                Shard = query.Shard,
                Shards = query.Shards,
                BatchRows = query.BatchRows ?? BatchRows,
                Seed = seed,
                Epoch = epoch,
                Uneven = uneven ?? Uneven.Keep,
                Token = token,
            };
    }

    private static ReadToken? ReadToken(ArgumentResult given)
    {
        if (Training.ReadToken.TryParse(given.Tokens[0].Value) is { } token)
            return token;
        given.AddError("--token must be one that an earlier read of an epoch said: 32 hexadecimal digits, the epoch and the position.");
        return null;
    }
}
