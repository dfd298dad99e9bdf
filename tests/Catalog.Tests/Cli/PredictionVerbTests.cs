using System.Net;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class PredictionVerbTests
{
    private const string Receipt =
        """{"node":"model:demo/delay","changed":true,"position":7,"version":null,"streamVersion":3}""";

    private const string Log =
        """
        {"model":"model:demo/delay","enabled":true,"retentionDays":200,"dataset":"dataset:demo/delay.predictions","kept":1200,"waiting":7,
         "waitingSince":"2026-11-26T08:00:00Z","sealed":"dataset:demo/delay.predictions@3","sealedAt":"2026-11-26T07:55:00Z","lost":2,
         "thisServer":{"since":"2026-11-26T06:00:00Z","queued":0,"lost":1}}
        """;

    private const string Traced =
        """
        {"requestId":"r 1","model":"model:demo/delay@2","at":"2026-11-26T08:00:00Z","loggedAt":"2026-11-26T08:00:01Z",
         "loggedBy":"scoring","run":null,"keys":{"airport":"ATL"},"features":null,"output":{"late":true},
         "receipt":{"stale":false,"views":[{"view":"feature-view:demo/v@1","tier":"memory","generation":"generation:g",
         "eventTime":"2026-11-26T07:00:00Z","origin":"dataset:demo/landings@3","position":42}]},
         "sealedIn":"dataset:demo/delay.predictions@4","file":"2026-11-26/0000000004.parquet","trainedBy":"run:t","modelContentHash":"m",
         "trainedOn":["dataset:demo/flights@1"],
         "generations":[{"generation":"generation:g","view":"feature-view:demo/v@1","asOf":"2026-11-26T06:00:00Z",
         "builtAt":"2026-11-26T06:01:00Z","pushedThrough":0,"run":null,"sha256":"s","sources":["dataset:demo/landings@3"]}],
         "versions":[{"version":"dataset:demo/flights@1","position":12,"contentHash":"c","manifestHash":"h",
         "committedAt":"2026-11-20T00:00:00Z","run":"run:x","madeOf":["dataset:demo/raw@1"],"files":30,
         "firstFiles":[{"path":"a.parquet","bytes":9,"sha256":"abc"}]}],"truncated":false}
        """;

    private readonly CommandLine _line = new();

    [Theory]
    [InlineData("PUT", "/v1/models/demo/delay/prediction-log", "model:demo/delay keeps predictions", "--retention-days", "200")]
    [InlineData("DELETE", "/v1/models/demo/delay/prediction-log", "model:demo/delay takes no more predictions", "--off")]
    public async Task The_log_is_switched_on_and_off(string method, string target, string printed, params string[] options)
    {
        _line.Server.Then(HttpStatusCode.OK, Receipt);

        Assert.Equal(0, await _line.RunAsync(["model", "prediction-log", "demo/delay", .. options], CancellationToken.None));

        Assert.Equal((method, target), (_line.Server.Requests[0].Method.ToString(), _line.Server.Requests[0].Target));
        Assert.Equal(printed, _line.Out.Trim());
    }

    [Fact]
    public async Task What_is_kept_waits_and_was_lost_is_shown()
    {
        _line.Server.Then(HttpStatusCode.OK, Log)
            .Then(HttpStatusCode.OK, """{"version":"dataset:demo/delay.predictions@4","predictions":7}""");

        Assert.Equal(0, await _line.RunAsync("model", "prediction-log", "demo/delay"));
        Assert.Contains("sealed\t1200, in dataset:demo/delay.predictions@3", _line.Out, StringComparison.Ordinal);
        Assert.Contains("waiting\t7, since ", _line.Out, StringComparison.Ordinal);
        Assert.Contains("lost\t2", _line.Out, StringComparison.Ordinal);

        Assert.Equal(0, await _line.RunAsync("model", "prediction-log", "demo/delay", "--seal"));
        Assert.Equal("/v1/models/demo/delay/prediction-log/seal", _line.Server.Requests[1].Target);
        Assert.Contains("dataset:demo/delay.predictions@4 7 predictions sealed", _line.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--off", "--seal")]
    [InlineData("--retention-days", "182")]
    [InlineData("--retention-days", "many")]
    public async Task What_makes_no_sense_is_said_before_anything_is_asked(params string[] options)
    {
        Assert.Equal(2, await _line.RunAsync(["model", "prediction-log", "demo/delay", .. options], CancellationToken.None));
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task A_prediction_is_told_with_all_that_it_rests_on()
    {
        _line.Server.Then(HttpStatusCode.OK, Traced);

        Assert.Equal(0, await _line.RunAsync("model", "prediction", "demo/delay", "r 1", "--day", "2026-11-26"));

        Assert.Equal("/v1/models/demo/delay/predictions/r%201?day=2026-11-26", _line.Server.Requests[0].Target);
        foreach (var line in (string[])
        [
            "keys\t{\"airport\":\"ATL\"}", "output\t{\"late\":true}",
            "kept in\tdataset:demo/delay.predictions@4 2026-11-26/0000000004.parquet", "trained by\trun:t",
            "  on\tdataset:demo/flights@1", "  made of\tdataset:demo/landings@3", "  made of\tdataset:demo/raw@1",
            "version\tdataset:demo/flights@1, position 12 of the log", "  file\ta.parquet abc",
        ])
            Assert.Contains(line, _line.Out, StringComparison.Ordinal);
        Assert.Contains("served\tfeature-view:demo/v@1: a row of ", _line.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("features", _line.Out, StringComparison.Ordinal);
    }
}
