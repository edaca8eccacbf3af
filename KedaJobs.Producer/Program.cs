using KedaJobs.Producer;

ProducerApp.Create(args).Run();
