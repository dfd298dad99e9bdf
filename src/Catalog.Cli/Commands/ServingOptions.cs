using System.CommandLine;
using Catalog.Server;
using Catalog.Serving.Tiers;

namespace Catalog.Cli.Commands;

/// <summary>How <c>catalog serve</c> answers lookups of features.</summary>
internal sealed class ServingOptions
{
    private readonly Option<string?> _resp = new("--resp")
    {
        Description = "Also serve features in the protocol of Redis there: redis://127.0.0.1:4872",
        HelpName = "url",
    };

    private readonly Option<int?> _inFlight = new Option<int?>("--lookups-in-flight")
    {
        Description = "Lookups of features that are answered at a time, others being refused (64 for each processor unless told)",
        HelpName = "count",
    }.AtLeast(1);

    private readonly Option<int?> _redisTimeout = new Option<int?>("--redis-timeout-ms")
    {
        Description = "How long a lookup waits for Redis (50 unless told)",
        HelpName = "milliseconds",
    }.Between(1, 60_000);

    private readonly Option<int?> _offlineTimeout = new Option<int?>("--offline-timeout-ms")
    {
        Description = "How long a lookup waits for a generation's file in the object store (2000 unless told)",
        HelpName = "milliseconds",
    }.Between(1, 600_000);

    private readonly Option<int?> _keysOutlive = new Option<int?>("--keys-outlive-minutes")
    {
        Description = "For how long API keys are good while PostgreSQL does not answer (15 unless told)",
        HelpName = "minutes",
    }.Between(0, 24 * 60);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_resp, _inFlight, _redisTimeout, _offlineTimeout, _keysOutlive])
            command.Options.Add(option);
    }

    public ServerOptions Of(Call call, ServerOptions options)
    {
        var tiers = new TierOptions();
        return options with
        {
            RespUrl = call.Value(_resp),
            LookupsInFlight = call.Value(_inFlight),
            KeysOutlive = call.Value(_keysOutlive) is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
            Tiers = tiers with
            {
                RedisTimeout = call.Value(_redisTimeout) is { } redis ? TimeSpan.FromMilliseconds(redis) : tiers.RedisTimeout,
                OfflineTimeout = call.Value(_offlineTimeout) is { } offline ? TimeSpan.FromMilliseconds(offline) : tiers.OfflineTimeout,
            },
        };
    }
}
